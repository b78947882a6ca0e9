"""A release is put in place service by service, and taken back, while citizens and officers go on: nobody notices.

From the release before to this checkout, whose migrations come under load, and back on the tables it leaves.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex
from time import monotonic

import psycopg
import pytest
from boundaries.seed import seed_cluster
from chassis.kafka.messages import original_headers
from contracts import RELEASE
from contracts.envelope import release_of
from contracts.topics import REPORT_SUBMITTED
from deploy.stack.databases import DATABASES, ServiceDatabase, apply_migration, dsn
from deploy.stack.infrastructure import POSTGRES, Stack
from deploy.stack.process import wait_ready
from deploy.stack.system import System
from journeys.apart.load import Load
from journeys.apart.once import everything_once
from journeys.apart.own import own_settings
from journeys.journey import Journey
from support.operations.command import Kmzb
from support.stack.databases import tables_of
from support.upgrading.fleet import Fleet, Release, ReleaseBefore, todays

from deploy.stack import services

pytestmark = [pytest.mark.slow, pytest.mark.timeout(540)]
RATE = 4.0
REPEATS = 0.05
"""Whoever was not answered sends a report again, under its id; a service that is stopped may say something again."""
SATURATED = 0.5
"""Where half of the answers take longer (seconds), the machine is busy with other things, and a 503 is theirs."""


@pytest.fixture
def journey(stack: Stack, tmp_path: Path) -> Iterator[Journey]:
    """A system of which only the issuer and the mailbox run yet, and nothing is set up."""
    own = Stack(tmp_path / "own", namespace=f"u{token_hex(3)}.", replication=1, durable=False, environ=stack.addresses)
    own.root.mkdir()
    system = System(own, settings=own_settings(tmp_path), first_port=None, only=())
    with ExitStack() as helpers:
        for process in system.programs():
            process.start()
            helpers.callback(process.stop)
        for process in system.programs():
            wait_ready(process, 60)
        yield helpers.enter_context(Journey(system))


def expand(journey: Journey, database: ServiceDatabase) -> None:
    """Whatever this release adds: to each table a column that the one before does not know, as a migration would."""
    owner = dsn(journey.addresses[POSTGRES], database.owner, database.name(journey.settings.namespace))
    with psycopg.connect(owner, autocommit=True) as connection:
        for schema, table in tables_of(connection):
            add = f"alter table {schema}.\"{table}\" add column of_the_next_release text not null default 'x'"
            apply_migration(connection, f"{database.package}/9999_{schema}_{table}.sql", add, "made up")


def put_in_place(fleet: Fleet, release: Release) -> float:
    """Replace one service after the other; gives how many seconds that took."""
    began = monotonic()
    for service in services.SERVICES:
        fleet.replace(service, release)
    return monotonic() - began


def unread(journey: Journey) -> dict[str, int]:
    """How many messages services have set aside or hold for a later release."""
    found = Counter[str]()
    for database in DATABASES:
        with psycopg.connect(journey.addresses[next(iter(database.users))]) as connection:
            for kind, query in (("set aside", "select from set_aside"), ("held", "select from held")):
                found[kind] += len(connection.execute(query.encode()).fetchall())
    return dict(found)


def test_a_release_is_put_in_place_and_taken_back_under_load(
    journey: Journey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    system, kmzb = journey.system, Kmzb(journey.addresses)
    before, today = ReleaseBefore(tmp_path / "before", system), todays(system)
    before.set_up()
    seed_cluster(journey.settings)
    officer = journey.officer("KMP-1661", "OPO")
    with Fleet(system.root) as fleet:
        fleet.start(before)
        with Load(journey, fleet.url, RATE, officer) as load:
            system.set_up()
            for database in DATABASES:
                expand(journey, database)
            up = put_in_place(fleet, today)
            reached = len(load.accepted)
            down = put_in_place(fleet, before)
            before.set_up()
        seconds = sorted(load.seconds)
        assert load.refused == {}
        assert not load.unknown.total() or seconds[len(seconds) // 2] > SATURATED, load.unknown
        mails = everything_once(journey, kmzb, load.accepted, repeats=REPEATS)
        left = unread(journey)
    said = Counter(release_of(original_headers(message)) for message in journey.messages(REPORT_SUBMITTED))
    assert said.keys() == {before.version, RELEASE}
    assert left["set aside"] == 0
    with capsys.disabled():
        print(
            f"\n{before.version} -> {RELEASE} in {up:.0f} s, back in {down:.0f} s, one service after the other, while"
            f" {RATE:g} reports/s came: {len(seconds)} accepted, {reached} of them on the way up, none lost or twice;"
            f" answered after {seconds[len(seconds) // 2] * 1000:.0f} ms (p50),"
            f" {seconds[int(len(seconds) * 0.99)] * 1000:.0f} (p99), {seconds[-1] * 1000:.0f} at most;"
            f" connections that broke and were tried again: {dict(load.again)}; 503: {dict(load.unknown)};"
            f" {mails} mails; {left}; of the log {dict(said)}"
        )
