"""The counts of cells equal a recount, whatever statements change what is public, one after another or at once."""

from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any
from uuid import UUID

import pytest
from chassis.postgres import Connection, Database
from contracts.statuses import Status
from public_map.reconciler import mend_clusters
from public_map.store.clusters import list_miscounted_cells

CATEGORIES = ("parking", "speeding", "begging")
STATUSES = [status.value for status in Status if status is not Status.REJECTED]


def change_something(connection: Connection, chance: Random) -> None:
    """One statement on some of 60 reports, as the service's or as an operator's."""
    chosen = sorted(UUID(int=number) for number in chance.sample(range(60), chance.randint(1, 20)))
    match chance.choice(["upsert", "upsert", "delete", "touch", "expire"]):
        case "upsert":
            connection.execute(
                "insert into public_report (report_id, version, category, status, longitude, latitude, submitted_at,"
                " changed_at, garrison, unit, unit_name, supporters)"
                " select id, 1, %s, %s, %s + random() * %s, 49 + random() * %s, now(), now(), 'OPO', 'U', 'U', 0"
                " from unnest(%s::uuid[]) id order by id"
                " on conflict (report_id) do update set category = excluded.category, status = excluded.status,"
                " longitude = excluded.longitude, latitude = excluded.latitude, version = public_report.version + 1",
                (chance.choice(CATEGORIES), chance.choice(STATUSES), chance.choice([14.0, -180.0, 23.9]),
                 chance.choice([0.001, 10.0]), chance.choice([0.001, 5.0, 41.0]), chosen),
            )  # fmt: skip
        case "delete":
            connection.execute("delete from public_report where report_id = any(%s)", (chosen,))
        case "touch":
            connection.execute(
                "update public_report set supporters = supporters + 1 where report_id in"
                " (select report_id from public_report where report_id = any(%s) order by report_id for update)",
                (chosen,),
            )
        case "expire":
            connection.execute(
                "update public_report set visible_until = now() where report_id in"
                " (select report_id from public_report where report_id = any(%s) order by report_id for update)",
                (chosen,),
            )


def state(connection: Connection) -> tuple[list[Any], int, int]:
    """What is miscounted, how many cells there are of the finest zoom, and how many reports they count."""
    row = connection.execute(
        "select (select coalesce(sum(reports), 0) from cluster where zoom = 10) as counted,"
        " (select count(*) from public_report) as reports, (select count(*) from cluster where reports <= 0) as empty"
    ).fetchone()
    assert row
    assert row["empty"] == 0
    return list_miscounted_cells(connection), row["counted"], row["reports"]


@pytest.mark.parametrize("seed", range(4))
def test_counts_equal_a_recount_after_any_statements(store: Database, seed: int) -> None:
    chance = Random(seed)
    for _ in range(40):
        with store.transaction() as connection:
            change_something(connection, chance)
        with store.transaction() as connection:
            miscounted, counted, reports = state(connection)
            assert miscounted == []
            assert counted == reports


def test_counts_equal_a_recount_when_several_write_at_once(store: Database) -> None:
    def write(seed: int) -> None:
        chance = Random(seed)
        for _ in range(30):
            with store.transaction() as connection:
                change_something(connection, chance)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, range(3)))
    with store.transaction() as connection:
        miscounted, counted, reports = state(connection)
    assert (miscounted, counted) == ([], reports)
    assert reports > 0


def test_what_is_miscounted_is_mended_by_the_difference(store: Database) -> None:
    with store.transaction() as connection:
        for seed in range(3):
            change_something(connection, Random(seed))
        connection.execute("delete from cluster where zoom = 7")
        connection.execute("update cluster set reports = reports + 3 where zoom = 9")
        connection.execute(
            "insert into cluster select zoom, tile_x, tile_y, cell, 'poaching', status, 1, 1, 1 from cluster"
            " where zoom = 5 limit 1"
        )
        assert len(list_miscounted_cells(connection)) > 2
    assert mend_clusters(store) > 2
    with store.transaction() as connection:
        assert state(connection)[0] == []
    assert mend_clusters(store) == 0
