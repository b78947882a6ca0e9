"""Readers of today in front of writers of the next release, and back: nothing is lost, nothing blocks its report."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received, original_headers
from chassis.kafka.processing import Producing
from chassis.postgres import Database
from chassis.relay import Relay
from chassis.settings import Settings
from contracts.envelope import Outgoing
from contracts.events.cases import CaseOpened
from contracts.events.reports import ReportContent, ReportSupported
from contracts.topics import CASE_CHANGED, CASEWORK, CONTENT, DEAD_LETTERS, FOLLOW_UP, REPORT_SUBMITTED, ROUTING
from prometheus_client import REGISTRY
from support.chassis import newer_reader, newer_writer
from support.chassis.newer_reader import small_service
from support.effects import running
from support.events import SUBMITTED, ClientMessage, outgoing, report_id
from support.histories import Life
from support.next_release import from_next_release, next_contracts, run_with
from support.topics import everything_on
from support.wait import eventually

FIRST, SECOND = str(report_id(1)), str(report_id(2))
SEEN = "create table seen (position bigint generated always as identity, key text not null, event text not null)"
# What today's reader makes of the next release's messages about the first report, topic by topic.
CASE_AS_SEEN = ["CaseOpened", "CaseChange", "CaseChange", "CaseTransferred"]
HELD = ["CaseSupported", "PhotoAdded", "ReportPraised"]


@pytest.fixture
def seen(effects: Database, effects_dsn: str) -> Callable[[str], list[str]]:
    """What has taken effect under a key, in its order."""
    with psycopg.connect(effects_dsn) as connection:
        connection.execute(SEEN)

    def look(key: str) -> list[str]:
        with effects.transaction() as connection:
            rows = connection.execute("select event from seen where key = %s order by position", (key,)).fetchall()
        return [row["event"] for row in rows]

    return look


@pytest.fixture
def held(effects: Database) -> Callable[[], list[str]]:
    """The events that are held, by name."""

    def look() -> list[str]:
        with effects.transaction() as connection:
            rows = connection.execute("select header_names, header_values from held").fetchall()
        headers = [dict(zip(row["header_names"], row["header_values"], strict=True)) for row in rows]
        return sorted(header["ce_type"].decode().split(".")[-2] for header in headers)

    return look


@pytest.fixture(scope="module")
def next_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return next_contracts(tmp_path_factory.mktemp("next"))


@pytest.fixture
def arguments(settings: Settings, topics: Callable[..., None]) -> list[str]:
    topics(CASE_CHANGED, FOLLOW_UP, CONTENT, DEAD_LETTERS[CASEWORK])
    return [settings.kafka_bootstrap, settings.namespace]


@pytest.fixture
def reader(settings: Settings, effects: Database, arguments: list[str]) -> Iterator[list[BaseException]]:
    """Today's reader, running."""
    loop = Loop(settings, CASEWORK, [CASE_CHANGED, FOLLOW_UP, CONTENT], small_service(settings, effects), Health())
    with running(loop, Relay(settings, CASEWORK, effects, Health())) as failures:
        yield failures
    assert not failures


def gauge() -> float | None:
    return REGISTRY.get_sample_value("kmzb_held_messages", {"service": CASEWORK})


def program(module: object) -> Path:
    return Path(str(vars(module)["__file__"]))


def test_a_reader_of_today_goes_on_with_writers_of_tomorrow_and_catches_up_once_it_is_upgraded(
    settings: Settings,
    reader: list[BaseException],
    effects_dsn: str,
    arguments: list[str],
    next_release: Path,
    seen: Callable[[str], list[str]],
    held: Callable[[], list[str]],
) -> None:
    run_with(next_release, program(newer_writer), *arguments)
    eventually(lambda: len(seen(FIRST)) == len(CASE_AS_SEEN) + 1 and held() == HELD and seen(SECOND))
    # Its case went on by what is known of every change, and nothing behind what is held waited for it.
    assert [event for event in seen(FIRST) if event.startswith("Case")] == CASE_AS_SEEN
    assert "ReportSupported" in seen(FIRST)
    # What a tombstone erased is not held either: those are a citizen's words.
    assert seen(SECOND) == ["tombstone"]
    eventually(lambda: gauge() == len(HELD))
    before = seen(FIRST)

    run_with(next_release, program(newer_reader), *arguments, effects_dsn)
    assert sorted(seen(FIRST)[len(before) :]) == HELD
    assert held() == []
    assert everything_on(settings, DEAD_LETTERS[CASEWORK]) == []


def test_what_is_held_stays_until_the_upgrade_and_is_held_once(
    settings: Settings, effects: Database, seen: Callable[[str], list[str]], held: Callable[[], list[str]]
) -> None:
    service = small_service(settings, effects)
    unknown = ClientMessage(from_next_release(supported(), event="ReportPraised"), offset=7)
    for _ in range(2):
        service([unknown])  # type: ignore[list-item]
    service.replay_held()
    assert held() == ["ReportPraised"]
    assert gauge() == 1
    assert seen(FIRST) == []


def test_what_this_release_knows_takes_effect_once_when_the_loop_starts(
    settings: Settings,
    effects: Database,
    arguments: list[str],
    seen: Callable[[str], list[str]],
    held: Callable[[], list[str]],
) -> None:
    hold(effects, supported())  # as if it had been too new once
    for _ in range(2):
        loop = Loop(settings, CASEWORK, [FOLLOW_UP], small_service(settings, effects), Health())
        with running(loop) as failures:
            eventually(lambda: not held() and gauge() == 0)
        assert not failures
    assert seen(FIRST) == ["ReportSupported"]


def test_what_is_held_and_turns_out_unusable_is_set_aside_and_blocks_its_key(
    settings: Settings, effects: Database, seen: Callable[[str], list[str]], held: Callable[[], list[str]]
) -> None:
    hold(effects, Outgoing(FOLLOW_UP.name, FIRST, supported().headers, b"{}"))
    hold(effects, supported())
    small_service(settings, effects).replay_held()
    assert held() == seen(FIRST) == []
    with effects.transaction() as connection:
        letters = connection.execute("select header_names, header_values from outbox order by pos").fetchall()
    reasons = [dict(zip(row["header_names"], row["header_values"], strict=True))["kmzb_dlq_reason"] for row in letters]
    assert reasons == [b"schema", b"behind"]


def test_a_newer_message_waits_behind_what_was_set_aside_under_its_key(
    settings: Settings, effects: Database, held: Callable[[], list[str]]
) -> None:
    service = small_service(settings, effects)
    service([ClientMessage(Outgoing(FOLLOW_UP.name, FIRST, supported().headers, b"{}"), offset=1)])  # type: ignore[list-item]
    newer = from_next_release(supported(), event="ReportPraised")
    service([ClientMessage(newer, offset=2)])  # type: ignore[list-item]
    assert held() == []
    with effects.transaction() as connection:
        assert connection.execute("select count(*) as letters from outbox").fetchone() == {"letters": 2}


def test_words_that_are_erased_are_held_no_longer(
    settings: Settings, effects: Database, seen: Callable[[str], list[str]], held: Callable[[], list[str]]
) -> None:
    service = small_service(settings, effects)
    words = outgoing(ReportContent(report_id=report_id(1), description="prywatne"))
    service([ClientMessage(from_next_release(words, event="ReportDictated"), offset=1)])  # type: ignore[list-item]
    assert held() == ["ReportDictated"]
    service([ClientMessage(Outgoing(CONTENT.name, FIRST, [], None), offset=2)])  # type: ignore[list-item]
    assert held() == []
    assert seen(FIRST) == ["tombstone"]


def test_a_service_without_a_store_uses_the_base_or_skips(settings: Settings, topics: Callable[..., None]) -> None:
    topics(REPORT_SUBMITTED, CASE_CHANGED, FOLLOW_UP, DEAD_LETTERS[ROUTING])
    life, handled = Life(1), list[str]()

    def handle(batch: Sequence[Received]) -> list[Outgoing]:
        handled.extend(type(message.event).__name__ for message in batch)
        return []

    submitted, supported_once = outgoing(life.submitted), supported()
    Publisher(settings, "test").publish(
        [
            from_next_release(submitted, time_of_day="dawn"),
            from_next_release(submitted, event="ReportTelephoned"),
            from_next_release(outgoing(life.then(CaseOpened, 1).changes[0]), event="CaseSealed", status="archived"),
            from_next_release(supported_once, event="ReportPraised"),
            supported_once,
        ]
    )
    process = Producing(settings, ROUTING, handle, base_suffices=[REPORT_SUBMITTED], skip_newer=[CASE_CHANGED])
    with running(Loop(settings, ROUTING, [REPORT_SUBMITTED, CASE_CHANGED, FOLLOW_UP], process, Health())) as failures:
        eventually(lambda: sorted(handled) == ["ReportSubmission", "ReportSubmission", "ReportSupported"])
        [letter] = eventually(lambda: everything_on(settings, DEAD_LETTERS[ROUTING]))
    assert not failures
    assert dict(original_headers(letter))["kmzb_dlq_reason"] == b"type"


def supported() -> Outgoing:
    return outgoing(ReportSupported(report_id=report_id(1), said_at=SUBMITTED, sender="0" * 64))


def hold(database: Database, message: Outgoing) -> None:
    """A message this reader held when it was older."""
    with database.transaction() as connection:
        connection.execute(
            'insert into held (topic, partition, "offset", written_ms, key, header_names, header_values, value,'
            " release) select %s, 0, count(*), 0, %b, %s, %b::bytea[], %b, '0.1.0' from held",
            (message.topic, message.raw_key, *map(list, zip(*message.headers, strict=True)), message.value),
        )
