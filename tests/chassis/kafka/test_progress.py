"""How far a consumer has read, and how far a relay has published: never more than is true, and known all the time."""

import random
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest
from chassis import outbox
from chassis.clock import now
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.consumer import Loop, Progress
from chassis.kafka.messages import original_headers
from chassis.kafka.reader import read_from_start
from chassis.postgres import Connection, Database
from chassis.relay import PublishedUntil, Relay
from chassis.settings import Settings
from confluent_kafka import Message
from contracts.envelope import Outgoing, decode
from contracts.events.progress import OutboxPublished
from contracts.events.reports import ReportContent
from contracts.topics import CASEWORK, CONTENT, PROGRESS
from psycopg.rows import dict_row
from support.effects import running
from support.events import outgoing, report_id
from support.topics import everything_on
from support.wait import eventually

Topics = Callable[..., None]


def test_a_partition_that_is_never_read_to_its_end_is_still_known_until_when(
    settings: Settings, topics: Topics
) -> None:
    topics(CONTENT)
    publisher = Publisher(settings, "test")
    written: list[datetime] = []
    handled: list[int | None] = []
    claims: list[tuple[bool, datetime, int]] = []

    def write() -> None:
        publisher.publish([outgoing(ReportContent(report_id=report_id(1), description="seen"))])
        written.append(now())

    def process(batch: Sequence[Message]) -> None:
        write()  # so that after each batch there is one message more than was handled
        handled.extend(message.partition() for message in batch)

    def look(progress: Progress[datetime]) -> None:
        place = (CONTENT.name, handled[-1] or 0) if handled else None
        if place in progress.caught_up_at:
            claims.append((progress.read_to_end[place], progress.caught_up_at[place], len(handled)))

    loop = Loop(settings, CASEWORK, [CONTENT], process, Health(), on_progress=look, progress_seconds=0.01)
    write()
    with running(loop) as failures:
        eventually(lambda: len(claims) >= 5, 30)
    assert not failures
    assert not any(to_end for to_end, _, _ in claims)
    assert [at for _, at, _ in claims] == sorted(at for _, at, _ in claims)
    for _, at, done in claims:
        assert done >= sum(when <= at for when in written)


def words(number: int) -> Outgoing:
    return outgoing(ReportContent(report_id=report_id(number), description="seen"))


def until(message: Message) -> datetime:
    event = decode(original_headers(message), message.value() or b"").data
    assert isinstance(event, OutboxPublished)
    assert event.service == CASEWORK
    return event.until


def relay(settings: Settings, database: Database) -> Relay:
    return Relay(settings, CASEWORK, database, Health(), tells_progress=True)


def autocommitting(database: Database) -> Connection:
    return Connection.connect(database.dsn, autocommit=True, row_factory=dict_row)


def test_it_is_said_while_nothing_happens_and_only_by_those_who_are_to(
    settings: Settings, topics: Topics, effects: Database
) -> None:
    topics(PROGRESS)
    began = now()
    with running(relay(settings, effects)) as failures:
        messages = eventually(lambda: (found := everything_on(settings, PROGRESS))[4:] and found)
    assert not failures
    said = [until(message) for message in messages]
    assert said == sorted(set(said))
    assert began < said[0]
    assert said[-1] < now()
    with running(Relay(settings, CASEWORK, effects, Health())):
        with effects.transaction() as connection:
            outbox.append(connection, [Outgoing(PROGRESS.name, "last", [], b"")])
        eventually(lambda: everything_on(settings, PROGRESS)[-1].key() == b"last")
    assert len(everything_on(settings, PROGRESS)) <= len(said) + 4  # some came between the last look and the end


def test_a_transaction_that_has_the_time_of_its_events_holds_it_back_until_they_are_published(
    effects: Database,
) -> None:
    with autocommitting(effects) as asking:
        published_until = PublishedUntil()
        with effects.transaction() as connection:
            at = outbox.event_time(connection)
            assert published_until.read(asking) is None
            outbox.append(connection, [words(1)])
        with effects.transaction() as later:
            outbox.event_time(later)
            outbox.append(later, [words(2)])
            assert published_until.read(asking) is None  # committed, and still in the outbox
            first, *_ = outbox.list_oldest(asking, 10)
            outbox.delete(asking, [first.position])
            reached = published_until.read(asking)  # whoever asked for the time afterwards holds nothing back
            assert reached
            assert reached > at
        assert published_until.read(asking) is None  # once


def test_other_transactions_hold_nothing_back_and_one_that_fails_does_no_more(effects: Database) -> None:
    with autocommitting(effects) as asking, effects.transaction() as other:
        other.execute("create table anything ()")
        published_until = PublishedUntil()
        doomed = Connection.connect(effects.dsn, row_factory=dict_row)
        outbox.event_time(doomed)
        assert published_until.read(asking) is None
        doomed.rollback()
        assert published_until.read(asking)
        doomed.close()


@pytest.mark.long
def test_whatever_is_committed_when_nothing_is_missing_that_was_said_to_be_there(
    settings: Settings, topics: Topics, effects: Database
) -> None:
    topics(CONTENT, PROGRESS)
    committed: dict[str, datetime] = {}

    def commit(seed: int) -> None:
        chance = random.Random(seed)
        for number in range(seed * 1000, seed * 1000 + 60):
            with effects.transaction() as connection:
                at = outbox.event_time(connection)
                outbox.append(connection, [words(number)])
                # some transactions last
                connection.execute("select pg_sleep(%s)", (chance.choice([0, 0, 0.02, 0.4]),))
            committed[str(report_id(number))] = at

    claims: list[tuple[datetime, set[str]]] = []

    def look(stopped: threading.Event) -> None:
        for message in read_from_start(settings, "looking", PROGRESS, stopped):
            if message is not None:
                on_log = {(each.key() or b"").decode() for each in everything_on(settings, CONTENT)}
                claims.append((until(message), on_log))

    writers = [threading.Thread(target=commit, args=(seed,)) for seed in range(1, 4)]
    with running(relay(settings, effects), look) as failures:
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(60)
        eventually(lambda: claims and claims[-1][0] > max(committed.values()), 30)
    assert not failures
    assert len(committed) == 180
    missing = [
        (key, at, said) for said, on_log in claims for key, at in committed.items() if at <= said and key not in on_log
    ]
    assert not missing
    assert sum(0 < len(on_log) < 180 for _, on_log in claims) > 3  # it was asked while they came
