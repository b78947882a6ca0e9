"""What is heard in any order, repeated or replayed leads to the same cases and the same published events."""

import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import msgspec
import pytest
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.postgres import Database
from chassis.settings import Settings
from contracts import cases
from contracts.base import Event, ReportEvent
from contracts.cases import CaseChange
from contracts.clocks import Clock, ClockEvent, ClockStarted, ClockStopped, DeadlineEscalated, DeadlineMissed
from contracts.envelope import Envelope
from contracts.reports import ErasureRequested, ReportContent, ReportContested, ReportSupported
from contracts.topics import CONTENT, DEAD_LETTERS
from support.events import OPOLE, SUBMITTED, RawMessage, outgoing, received, received_tombstone, report_id
from support.openings import routed, submitted

from casework import app

Consume = Callable[..., None]
Outbox = Callable[[], list[Any]]


def supported(number: int, sender: str, minutes: int = 5) -> ReportSupported:
    said_at = SUBMITTED + timedelta(minutes=minutes)
    return ReportSupported(report_id=report_id(number), said_at=said_at, sender=sender * 64)


def life(number: int) -> list[Event]:
    """What is heard of one report before anybody works it."""
    said_at = SUBMITTED + timedelta(hours=1)
    return [
        submitted(number),
        routed(number),
        supported(number, "a"),
        supported(number, "b", 6),
        ReportContested(report_id=report_id(number), said_at=said_at),
        ErasureRequested(report_id=report_id(number), said_at=said_at),
    ]


def content_of(outbox: Iterable[Any], number: int) -> list[Any]:
    """What was said of a report, without what differs from report to report and from run to run."""
    said: list[Any] = []
    for each in outbox:
        if isinstance(each, str):
            said += ["tombstone"] if each == str(report_id(number)) else []
        elif isinstance(each.data, CaseChange) and each.data.report_id == report_id(number):
            plain = msgspec.to_builtins(each.data)
            differing = ("report_id", "case_number", "changed_at", "submitted_at")
            said.append((type(each.data).__name__, {name: plain[name] for name in plain if name not in differing}))
    return sorted(said, key=repr)


def test_every_order_and_repeat_of_what_is_heard_says_the_same(consume: Consume, outbox: Outbox) -> None:
    orders = list(permutations(range(5)))  # the erasure stands anywhere: it says the same beside all others
    lives = []
    for number, order in enumerate(orders):
        events = life(number)
        chosen = [received(events[index]) for index in order]
        chosen.insert(number % 6, received(events[5]))
        lives.append(chosen if number % 2 else [*chosen, *reversed(chosen)])
    for step in range(12):  # each report's next event, in a batch with those of all others
        consume(*(chosen[step] for chosen in lives if step < len(chosen)))
    before = outbox()
    assert len(content_of(before, 0)) == 4  # opened, two supports, the tombstone
    for number in range(len(orders)):
        assert content_of(before, number) == content_of(before, 0), orders[number]
    everything = [received(event) for number in range(len(orders)) for event in life(number)]
    consume(*everything)  # replayed from the start
    assert outbox() == before


@pytest.mark.parametrize("seed", range(2))
def test_batches_of_any_size_say_the_same_as_single_events(consume: Consume, outbox: Outbox, seed: int) -> None:
    chance = random.Random(seed)
    batch = [received(event) for number in range(30) for event in [*life(number), supported(number, "a")]]
    chance.shuffle(batch)
    while batch:
        size = chance.randint(1, 60)
        consume(*batch[:size])
        batch = batch[size:]
    said = outbox()
    assert all(content_of(said, number) == content_of(said, 0) for number in range(30))
    versions: dict[UUID, list[int]] = {}
    for each in said:
        if isinstance(each, Envelope) and isinstance(each.data, CaseChange):
            versions.setdefault(each.data.report_id, []).append(each.data.version)
    assert all(found == [1, 2, 3] for found in versions.values())


def test_words_that_were_erased_stay_so_whatever_comes_again(consume: Consume, service: Database) -> None:
    content = received(ReportContent(report_id=report_id(1), description="słowa", photos=("a.jpg",)))
    erasure = received(ErasureRequested(report_id=report_id(1), said_at=SUBMITTED))
    tombstone = received_tombstone(CONTENT, str(report_id(1)))
    for order in permutations([content, erasure, tombstone]):
        consume(*order)
        consume(content)
        with service.transaction() as connection:
            rows = connection.execute("select description, photos, erased from words").fetchall()
            assert rows == [{"description": None, "photos": [], "erased": True}]
            connection.execute("delete from words")
            connection.execute("delete from follow_up")


def clock_life() -> list[ClockEvent]:
    common: dict[str, Any] = {
        "report_id": report_id(1),
        "clock": Clock.TAKE_UP,
        "cycle": 1,
        "owner": OPOLE,
        "started_at": SUBMITTED,
        "due_at": SUBMITTED + timedelta(days=2),
        "terms": "2016",
    }
    stopped_at = SUBMITTED + timedelta(days=1)
    return [
        ClockStarted(**common),
        DeadlineMissed(**common),
        DeadlineEscalated(**common, to="garrison"),
        DeadlineEscalated(**common, to="headquarters"),
        ClockStopped(**common, stopped_at=stopped_at, outcome="met", withdraws_miss=True),
    ]


def test_the_steps_of_a_clock_come_to_the_same_row_in_every_order(consume: Consume, service: Database) -> None:
    rows = []
    for order in permutations(clock_life()):
        for event in order:
            consume(received(event))
        with service.transaction() as connection:
            rows.append(connection.execute("delete from clock returning *").fetchall())
    assert len(rows[0]) == 1
    assert all(each == rows[0] for each in rows)
    assert (rows[0][0]["escalated_to"], rows[0][0]["outcome"]) == ("headquarters", "met")


def test_a_seconding_on_a_closed_or_hidden_report_is_noted_and_not_counted(
    consume: Consume, outbox: Outbox, service: Database
) -> None:
    consume(received(submitted(1)), received(routed(1)), received(submitted(2, "drug-use")), received(routed(2)))
    with service.transaction() as connection:
        connection.execute("update cases set status = 'rejected' where report_id = %s", (report_id(1),))
    consume(received(supported(1, "a")), received(supported(2, "a")))
    consume(received(supported(1, "a")), received(supported(2, "a")))
    assert len(outbox()) == 2
    with service.transaction() as connection:
        noted = connection.execute("select detail from history where what = 'ReportSupported'").fetchall()
    assert noted == [{"detail": {"counted": False}}] * 2


def test_a_seconding_on_a_case_that_ended_counts_on_the_one_that_goes_on(
    consume: Consume, outbox: Outbox, service: Database
) -> None:
    consume(*(received(event) for number in (1, 2) for event in (submitted(number), routed(number))))
    with service.transaction() as connection:
        connection.execute("update cases set merged_into = %s where report_id = %s", (report_id(2), report_id(1)))
    for _ in range(2):
        consume(received(supported(1, "a")))
    assert [(each.data.report_id, each.data.supporters) for each in outbox()[2:]] == [(report_id(2), 1)]


def raw(event: Event, offset: int, **context: Any) -> Any:
    return RawMessage(outgoing(event, **context), offset=offset)


def test_text_the_database_refuses_is_set_aside_alone(service: Database, outbox: Outbox) -> None:
    common = Settings(kafka_bootstrap="127.0.0.1:9")
    batch = [
        raw(ReportContent(report_id=report_id(1), description="dobre"), 0),
        raw(ReportContent(report_id=report_id(2), photos=tuple(f"{n}.jpg" for n in range(11))), 1),
        raw(ReportContent(report_id=report_id(3), description="też dobre"), 2),
        raw(submitted(1), 3),
        raw(routed(1), 4),
    ]
    Storing(common, "casework", service, app.handle)(batch)
    with service.transaction() as connection:
        kept = connection.execute("select report_id from words order by description").fetchall()
        letters = connection.execute("select topic, key from outbox where topic like '%%dead-letter%%'").fetchall()
        opened = connection.execute("select count(*) as n from cases").fetchone()
    assert [row["report_id"] for row in kept] == [report_id(1), report_id(3)]
    assert letters == [{"topic": DEAD_LETTERS["casework"].name, "key": str(report_id(2))}]
    assert opened == {"n": 1}


@pytest.mark.parametrize("late", [routed(), supported(1, "a"), submitted()])
def test_two_instances_that_hear_of_one_report_at_once_miss_nothing(
    service: Database, outbox: Outbox, late: ReportEvent
) -> None:
    events: list[ReportEvent] = [submitted(), routed(), supported(1, "a")]
    with ThreadPoolExecutor(1) as other, service.transaction() as connection:
        app.handle(connection, [received(event) for event in events if event != late])
        asked = other.submit(consume_alone, service, received(late))
        with pytest.raises(TimeoutError):  # it waits for what is not committed yet
            asked.result(0.3)
    assert asked.result(10) is None
    assert [type(each.data) for each in outbox()] == [cases.CaseOpened, cases.CaseSupported]


def consume_alone(service: Database, message: Received) -> None:
    with service.transaction() as connection:
        app.handle(connection, [message])
