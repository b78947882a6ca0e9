"""`kmzb rebuild` on the running system: a damaged store ends as it was, table by table, and nobody hears of it."""

from collections.abc import Mapping, Sequence
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest
from contracts.topics import CLOCK, NOTIFIER, PUBLIC_MAP, PUBLIC_REPORT, SLA_MONITOR, Topic
from deploy.stack.process import Process
from journeys.journey import OPOLE, Journey, Receipt
from operations.rebuilding.plans import SHELL_TABLES, plan_of
from psycopg import sql
from support.operations.command import Kmzb
from support.wait import eventually

pytestmark = [pytest.mark.long, pytest.mark.timeout(180)]
SEA = (15.5, 54.9)
# What is about reading, or counts transactions of the server: it moves whenever the service runs. What is counted of
# `handling` by its triggers depends, as that does, on how events came in batches (docs/decisions/0092).
ABOUT_READING = {SLA_MONITOR: {"progress", "partition_watermark"}, PUBLIC_MAP: {"tile_change", "handling_count"}}
DAMAGE: Mapping[str, LiteralString] = {
    SLA_MONITOR: "delete from parked; delete from clock; update report set version = 0, owner = null",
    PUBLIC_MAP: "delete from public_report; update report set status = 'rejected', version = 1; delete from handling",
}
OWN_TOPIC: Mapping[str, Topic] = {SLA_MONITOR: CLOCK, PUBLIC_MAP: PUBLIC_REPORT}


def dsn(journey: Journey, service: str) -> str:
    return journey.addresses[f"KMZB_{service.replace('-', '_').upper()}_POSTGRES_DSN"]


def tables(journey: Journey, service: str, lives: Sequence[Receipt] = ()) -> dict[str, list[str]]:
    """Every row of a service's store, by table; without what is about reading. Of `handling` those of `lives`."""
    with psycopg.connect(dsn(journey, service)) as connection:
        names = [row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'public'")]
        queries = {
            name: sql.SQL("select each::text from {} as each order by 1").format(sql.Identifier(name))
            for name in sorted({*names} - ABOUT_READING[service] - {"spatial_ref_sys"})
        }
        rows = {name: [row[0] for row in connection.execute(query)] for name, query in queries.items()}
    own = tuple(f"({sent.report_id}," for sent in lives)
    if "handling" in rows:
        rows["handling"] = [row for row in rows["handling"] if row.startswith(own)]
    return rows


def nothing_is_due(journey: Journey) -> bool:
    """Whether no clock has a step within the time this takes."""
    with psycopg.connect(dsn(journey, SLA_MONITOR)) as connection:
        soon = "select from clock where next_at < now() + interval '2 minutes'"
        return connection.execute(soon).fetchone() is None


def noticed(journey: Journey) -> set[tuple[UUID, UUID]]:
    """Of which reports the notifier has notices, and which."""
    with psycopg.connect(dsn(journey, NOTIFIER)) as connection:
        return {(row[0], row[1]) for row in connection.execute("select report_id, notice_id from notice")}


@pytest.fixture(scope="module")
def lives(journey: Journey) -> list[Receipt]:
    """Reports of many fates: in time, missed and escalated, rejected, confirmed, reopened, merged, of nobody's."""
    officer = journey.officer("KMP-1661", "OPO")
    late = journey.send(*OPOLE, category="drinking")
    journey.send(*SEA)
    taken, rejected, first, second = (journey.send(*OPOLE) for _ in range(4))
    for sent in (late, taken, rejected, first, second):  # public-map has read each change before the next is made
        journey.receipt_when(sent, lambda said: said["case_number"] is not None, 30)
    assert journey.change(rejected.report_id, "reject", officer).is_success
    assert journey.change(taken.report_id, "take-up", officer).is_success
    merged = journey.change(first.report_id, "merge", officer, into=str(second.report_id), reason="to samo")
    assert merged.is_success, merged.text
    assert journey.change(taken.report_id, "ask", officer, text="Od kiedy?").is_success
    contest = journey.http.post(
        journey.url("intake", f"/v1/receipts/{rejected.receipt}/contest"),
        json={"report_id": str(rejected.report_id)},
        headers=journey.new_sender(),
    )
    assert contest.status_code == 202, contest.text
    journey.receipt_when(late, lambda said: any(each["overdue"] for each in said["deadlines"]), 40)
    return [late, taken, rejected, first, second]


@pytest.mark.parametrize("service", [SLA_MONITOR, PUBLIC_MAP])
def test_a_damaged_store_ends_as_it_was_and_nothing_is_said_anew(
    journey: Journey, kmzb: Kmzb, lives: list[Receipt], service: str
) -> None:
    topic = OWN_TOPIC[service]
    eventually(lambda: nothing_is_due(journey), 60)
    eventually(lambda: kmzb.code("lag", "--service", service, "--over", "0") == 0, 30)
    assert f"{service} runs: 1 in its group" in kmzb.refusal("rebuild", service, "--yes")
    journey.hold(service, by=Process.stop)
    try:
        before, notices = tables(journey, service, lives), noticed(journey)
        empty = {"parked", *ABOUT_READING[service]}
        for table in plan_of(service, journey.addresses).emptied:
            assert before.get(table) or table in empty, table
        journey.settle(topic)
        said = len(journey.messages(topic))
        with psycopg.connect(dsn(journey, service)) as connection:
            connection.execute(DAMAGE[service])
        assert tables(journey, service, lives) != before
        assert "Nothing was done" in kmzb("rebuild", service)
        done = kmzb("rebuild", service, "--yes")
        assert "published anew" in done, done
        after = tables(journey, service, lives)
    finally:
        journey.release(service)
    for name in before:
        assert after[name] == before[name], name
    sent = journey.send(*OPOLE)
    eventually(lambda: kmzb.code("trace", str(sent.report_id)) == 0, 30)
    journey.settle(topic)
    new = {message.key() for message in journey.messages(topic)[said:]}
    assert new == {str(sent.report_id).encode()}
    assert noticed(journey) - notices == {row for row in noticed(journey) if row[0] == sent.report_id}


@pytest.mark.parametrize("service", [SLA_MONITOR, PUBLIC_MAP])
def test_of_each_table_it_is_said_whether_it_comes_from_topics(journey: Journey, service: str) -> None:
    plan = plan_of(service, journey.addresses)
    known = {*tables(journey, service), *ABOUT_READING[service]}
    assert known == {*plan.emptied, *plan.kept, *SHELL_TABLES}


def test_what_comes_from_a_backup_is_refused_with_the_reason(kmzb: Kmzb) -> None:
    assert "it would tell everybody again" in kmzb.refusal("rebuild", "notifier", "--yes")
    assert "what officers wrote" in kmzb.refusal("rebuild", "casework", "--yes")
    assert "reads the districts at each start" in kmzb.refusal("rebuild", "routing", "--yes")
    assert "there is no service 'mapp'" in kmzb.refusal("rebuild", "mapp")
