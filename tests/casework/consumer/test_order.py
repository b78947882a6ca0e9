"""What is read in any order, repeated or replayed leads to the same cases and the same published events."""

import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import permutations
from typing import Any
from uuid import UUID

import msgspec
import pytest
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.postgres import Database
from chassis.settings import Settings
from contracts.base import Event, ReportEvent
from contracts.envelope import Envelope
from contracts.events import cases
from contracts.events.cases import CaseChange
from contracts.events.reports import ErasureRequested, ReportContent, ReportContested
from contracts.policy.terms import policy
from contracts.topics import DEAD_LETTERS
from support.casework.openings import routed, submitted, supported
from support.events import SUBMITTED, ClientMessage, outgoing, received, report_id

from casework import app

Consume = Callable[..., None]
Outbox = Callable[[], list[Any]]


def life(number: int) -> list[Event]:
    """What is read of one report before anybody works it."""
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
    """What was published of a report, without what differs from report to report and from run to run."""
    said: list[Any] = []
    for message in outbox:
        if isinstance(message, str):
            said += ["tombstone"] if message == str(report_id(number)) else []
        elif isinstance(message.data, CaseChange) and message.data.report_id == report_id(number):
            plain = msgspec.to_builtins(message.data)
            differing = ("report_id", "case_number", "changed_at", "submitted_at", "running_since")
            said.append((type(message.data).__name__, {name: plain[name] for name in plain if name not in differing}))
    return sorted(said, key=repr)


def test_every_order_and_repeat_of_what_is_read_publishes_the_same(consume: Consume, outbox: Outbox) -> None:
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
def test_batches_of_any_size_publish_the_same_as_single_events(consume: Consume, outbox: Outbox, seed: int) -> None:
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
    for message in said:
        if isinstance(message, Envelope) and isinstance(message.data, CaseChange):
            versions.setdefault(message.data.report_id, []).append(message.data.version)
    assert all(found == [1, 2, 3] for found in versions.values())


def raw(event: Event, offset: int, **context: Any) -> Any:
    return ClientMessage(outgoing(event, **context), offset=offset)


def test_text_the_database_refuses_is_set_aside_alone(service: Database, outbox: Outbox) -> None:
    common = Settings(kafka_bootstrap="127.0.0.1:9")
    batch = [
        raw(ReportContent(report_id=report_id(1), description="dobre"), 0),
        raw(ReportContent(report_id=report_id(2), photos=tuple(f"{n}.jpg" for n in range(11))), 1),
        raw(ReportContent(report_id=report_id(3), description="też dobre"), 2),
        raw(submitted(1), 3),
        raw(routed(1), 4),
    ]
    Storing(common, "casework", service, partial(app.handle, policy()))(batch)
    with service.transaction() as connection:
        kept = connection.execute("select report_id from words order by description").fetchall()
        letters = connection.execute("select topic, key from outbox where topic like '%%dead-letter%%'").fetchall()
        opened = connection.execute("select count(*) as n from cases").fetchone()
    assert [row["report_id"] for row in kept] == [report_id(1), report_id(3)]
    assert letters == [{"topic": DEAD_LETTERS["casework"].name, "key": str(report_id(2)).encode()}]
    assert opened == {"n": 1}


@pytest.mark.parametrize("late", [routed(), supported(1, "a"), submitted()])
def test_two_instances_that_read_of_one_report_at_once_miss_nothing(
    service: Database, outbox: Outbox, late: ReportEvent
) -> None:
    events: list[ReportEvent] = [submitted(), routed(), supported(1, "a")]
    with ThreadPoolExecutor(1) as other, service.transaction() as connection:
        app.handle(policy(), connection, [received(event) for event in events if event != late])
        asked = other.submit(consume_alone, service, received(late))
        with pytest.raises(TimeoutError):  # it waits for what is not committed yet
            asked.result(0.3)
    assert asked.result(10) is None
    assert [type(message.data) for message in outbox()] == [cases.CaseOpened, cases.CaseSupported]


def consume_alone(service: Database, message: Received) -> None:
    with service.transaction() as connection:
        app.handle(policy(), connection, [message])
