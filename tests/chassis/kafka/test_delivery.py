"""At least once on the log, exactly once in effect: the loop, what is set aside, and the relay, on real parts."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from chassis import outbox
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.consumer import Loop, Progress
from chassis.kafka.messages import Received, original_headers
from chassis.kafka.processing import Producing, Storing
from chassis.postgres import Connection, Database
from chassis.relay import Relay
from chassis.settings import Settings
from confluent_kafka import Message
from contracts import topics as registry
from contracts.envelope import Outgoing, Unusable
from contracts.events.reports import ReportContent, ReportSupported
from contracts.topics import CONTENT, DEAD_LETTERS, FOLLOW_UP, Topic
from support.effects import count_effects, running, times
from support.events import SUBMITTED, outgoing, report_id
from support.topics import everything_on
from support.wait import eventually

Topics = Callable[..., None]
SERVICE = registry.CASEWORK


def words(number: int, text: str = "seen") -> Outgoing:
    return outgoing(ReportContent(report_id=report_id(number), description=text))


def headers(message: Message) -> dict[str, bytes]:
    return dict(original_headers(message))


def loop(settings: Settings, database: Database, *on: Topic, **options: object) -> Loop:
    storing = Storing(settings, SERVICE, database, count_effects)
    return Loop(settings, SERVICE, on, storing, Health(), **options)  # type: ignore[arg-type]


def test_what_the_database_refuses_is_set_aside_alone_with_what_follows_under_its_key(
    settings: Settings, topics: Topics, effects: Database
) -> None:
    topics(CONTENT, FOLLOW_UP, DEAD_LETTERS[SERVICE])
    relay = Relay(settings, SERVICE, effects, Health())
    sender = Publisher(settings, "test")
    supported = ReportSupported(report_id=report_id(3), said_at=SUBMITTED, sender="0" * 64)
    sender.publish([words(number, "refuse me" if number == 3 else "fine") for number in range(20)])
    sender.publish([words(3, "fine now, but behind"), outgoing(supported)])
    with running(loop(settings, effects, CONTENT, FOLLOW_UP), relay) as failures:
        eventually(lambda: len(times(effects)) == 19)
        letters = eventually(lambda: (found := everything_on(settings, DEAD_LETTERS[SERVICE]))[1:] and found)
    assert not failures
    assert set(times(effects).values()) == {1}
    reasons = [headers(letter)["kmzb_dlq_reason"] for letter in letters]
    assert reasons == [b"database", b"behind"]
    original = words(3, "refuse me")
    story = headers(letters[0])
    assert letters[0].value() == original.value
    assert {name: story[name] for name, _ in original.headers} == dict(original.headers)
    assert story["kmzb_dlq_topic"] == CONTENT.name.encode()
    assert story["kmzb_dlq_partition"].isdigit()
    assert story["kmzb_dlq_offset"].isdigit()
    assert story["kmzb_dlq_instance"] == b"national"
    assert b"refuse me" not in story["kmzb_dlq_detail"]


def test_what_is_no_event_is_set_aside_with_the_reason(settings: Settings, topics: Topics, effects: Database) -> None:
    topics(CONTENT, FOLLOW_UP, DEAD_LETTERS[SERVICE])
    key, good = str(report_id(1)), words(1)
    poison = {
        "json": Outgoing(CONTENT.name, "a", good.headers, b"{nonsense"),
        "schema": Outgoing(CONTENT.name, "b", good.headers, b"{}"),
        "envelope": Outgoing(CONTENT.name, "c", [], good.value),
        "key": Outgoing(CONTENT.name, "d", good.headers, good.value),
        "event": Outgoing(FOLLOW_UP.name, key, good.headers, good.value),
        "empty": Outgoing(FOLLOW_UP.name, "e", [], None),
    }
    Publisher(settings, "test").publish([*poison.values(), words(9)])
    with running(loop(settings, effects, CONTENT, FOLLOW_UP), Relay(settings, SERVICE, effects, Health())):
        eventually(lambda: times(effects).get(str(report_id(9))) == 1)
        letters = eventually(lambda: (found := everything_on(settings, DEAD_LETTERS[SERVICE]))[5:] and found)
    assert {headers(letter)["kmzb_dlq_reason"].decode() for letter in letters} == set(poison)
    assert len(letters) == len(poison)


def test_a_process_killed_between_database_commit_and_offset_commit_leaves_one_effect_after_the_next(
    settings: Settings, topics: Topics, effects: Database, effects_dsn: str, tmp_path: Path
) -> None:
    topics(CONTENT, DEAD_LETTERS[SERVICE])
    Publisher(settings, "test").publish([words(1)])
    program = Path(__file__).with_name("killed_before_offsets.py")
    argv = [sys.executable, str(program), settings.kafka_bootstrap, settings.namespace, effects_dsn]
    killed = subprocess.run(argv, capture_output=True, text=True, timeout=40)
    assert killed.returncode == -9, killed.stderr
    assert times(effects) == {str(report_id(1)): 1}
    again: list[str] = []

    def recognise(connection: Connection, batch: Sequence[Received]) -> None:
        """The rule every service of ours follows: the effect has a key, so that a repeat changes nothing."""
        for each in batch:
            again.append(each.key)
            connection.execute("insert into effect (report_id) values (%s) on conflict do nothing", (each.key,))

    storing = Storing(settings, SERVICE, effects, recognise)
    with running(Loop(settings, SERVICE, [CONTENT], storing, Health())) as failures:
        eventually(lambda: again, 25)
    assert not failures
    assert again == [str(report_id(1))]
    assert times(effects) == {str(report_id(1)): 1}


def test_progress_says_read_to_the_end_only_when_everything_took_effect(
    settings: Settings, topics: Topics, effects: Database
) -> None:
    topics(CONTENT, DEAD_LETTERS[SERVICE])
    Publisher(settings, "test").publish([words(number) for number in range(300)])
    seen: list[tuple[bool, int]] = []

    def look(progress: Progress[datetime]) -> None:
        done = len(progress.read_to_end) == CONTENT.partitions and all(progress.read_to_end.values())
        seen.append((done, len(times(effects))))

    with running(loop(settings, effects, CONTENT, on_progress=look, progress_seconds=0.05)) as failures:
        eventually(lambda: any(done for done, _ in seen))
    assert not failures
    assert {number for done, number in seen if done} == {300}


def test_a_service_without_store_has_written_before_it_commits(settings: Settings, topics: Topics) -> None:
    topics(CONTENT, FOLLOW_UP, DEAD_LETTERS[SERVICE])

    def answer(batch: Sequence[Received]) -> list[Outgoing]:
        if batch[0].key == str(report_id(2)):
            raise Unusable("rule", "not this one")
        event = ReportSupported(report_id=report_id(1), said_at=SUBMITTED, sender="0" * 64)
        return [outgoing(event)]

    Publisher(settings, "test").publish([words(1), words(2)])
    process = Producing(settings, SERVICE, answer)
    with running(Loop(settings, SERVICE, [CONTENT], process, Health())) as failures:
        eventually(lambda: everything_on(settings, FOLLOW_UP) and everything_on(settings, DEAD_LETTERS[SERVICE]))
    assert not failures
    assert len(everything_on(settings, FOLLOW_UP)) == 1


def test_the_relay_loses_no_row_that_commits_after_a_later_one(
    settings: Settings, topics: Topics, effects: Database
) -> None:
    topics(CONTENT)
    with running(Relay(settings, SERVICE, effects, Health())) as failures:
        with effects.transaction() as early:
            outbox.append(early, [words(1)])
            with effects.transaction() as late:
                outbox.append(late, [words(2)])
            eventually(lambda: len(everything_on(settings, CONTENT)) == 1)
        keys = eventually(lambda: (found := everything_on(settings, CONTENT))[1:] and {m.key() for m in found})
    assert not failures
    assert keys == {str(report_id(1)).encode(), str(report_id(2)).encode()}


def test_one_relay_works_and_another_takes_over_when_it_ends(
    settings: Settings, topics: Topics, effects: Database
) -> None:
    topics(CONTENT)
    first, second = (Relay(settings, SERVICE, effects, Health()) for _ in range(2))
    with running(first), running(second):
        with effects.transaction() as connection:
            outbox.append(connection, [words(number) for number in range(100)])
        eventually(lambda: len(everything_on(settings, CONTENT)) == 100)
    with running(second):
        with effects.transaction() as connection:
            outbox.append(connection, [words(200)])
        eventually(lambda: len(everything_on(settings, CONTENT)) == 101)


def test_what_another_instance_commits_is_published_by_the_one_whose_turn_it_is(
    settings: Settings, topics: Topics, effects: Database, effects_dsn: str
) -> None:
    """It notifies; by itself the one looks only every five seconds."""
    topics(CONTENT)
    other = Database(effects_dsn)
    with running(Relay(settings, SERVICE, effects, Health())) as failures:
        with effects.transaction() as connection:
            outbox.append(connection, [words(0)])
        eventually(lambda: everything_on(settings, CONTENT))
        with running(Relay(settings, SERVICE, other, Health())):
            for number in range(1, 4):
                with other.transaction() as connection:
                    outbox.append(connection, [words(number)])
                eventually(partial(_has, settings, number + 1), 3)
    other.close()
    assert not failures


def _has(settings: Settings, messages: int) -> bool:
    return len(everything_on(settings, CONTENT)) == messages


def test_the_outbox_is_empty_once_the_log_has_everything(settings: Settings, topics: Topics, effects: Database) -> None:
    topics(CONTENT)
    with effects.transaction() as connection:
        outbox.append(connection, [words(1), Outgoing(CONTENT.name, str(report_id(1)), [], None)])
    with running(Relay(settings, SERVICE, effects, Health())):
        eventually(lambda: len(everything_on(settings, CONTENT)) == 2)
        eventually(lambda: _waiting(effects) == 0)
    assert [message.value() is None for message in everything_on(settings, CONTENT)] == [False, True]


def _waiting(database: Database) -> int:
    with database.transaction() as connection:
        row = connection.execute("select count(*)::int as waiting from outbox").fetchone()
    assert row
    return int(row["waiting"])
