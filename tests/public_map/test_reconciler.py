"""Topic and table are made the same again, whatever was lost; and left alone while they only move."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from chassis import clock
from chassis.kafka.client import Publisher
from confluent_kafka.admin import AdminClient
from contracts.base import Event as Fact
from contracts.cases import CaseOpened, CaseRejected, CaseTakenUp
from contracts.topics import PUBLIC_MAP
from prometheus_client import REGISTRY
from public_map import messages
from public_map.domain import public_report
from public_map.reconciler import InTable, OnTopic, differences
from public_map.settings import Settings
from pydantic import SecretStr
from support.events import report_id
from support.public_lives import DAY, Life
from support.public_topic import on_the_map, send, service, topic
from support.wait import eventually

A, B = report_id(1), report_id(2)
BEGAN = clock.now() - DAY


@pytest.mark.parametrize(
    ("in_table", "on_the_way", "on_topic", "gone", "shown"),
    [
        ({A: 2}, set(), {A: OnTopic(0, 2)}, [], []),
        ({A: 2}, set(), {}, [], [(A, 2)]),
        ({A: 2}, set(), {A: OnTopic(0, 1)}, [], [(A, 2)]),
        ({A: 2}, set(), {A: OnTopic(0, 3)}, [], []),
        ({A: 2}, {A}, {}, [], []),
        ({}, set(), {A: OnTopic(0, 1), B: OnTopic(0, 1)}, [A, B], []),
        ({}, {A}, {A: OnTopic(0, 1)}, [], []),
        ({}, set(), {A: OnTopic(7, 1)}, [], []),
        ({A: 2}, set(), {B: OnTopic(0, 1)}, [B], [(A, 2)]),
    ],
    ids=[
        "both agree",
        "never said",
        "said of an older version",
        "the topic is ahead",
        "still on its way",
        "not public any more",
        "its tombstone is on its way",
        "its partition is not read to the end",
        "one of each",
    ],
)
def test_what_differs(
    in_table: dict[UUID, int],
    on_the_way: set[UUID],
    on_topic: dict[UUID, OnTopic],
    gone: list[UUID],
    shown: list[tuple[UUID, int]],
) -> None:
    assert differences(InTable(in_table, on_the_way), on_topic, {0, 1}) == (gone, shown)


def mended() -> dict[str, float]:
    found = {
        what: REGISTRY.get_sample_value("kmzb_reconciled_total", {"what": what}) for what in ("tombstone", "report")
    }
    return {what: value or 0 for what, value in found.items()}


@pytest.fixture
def since() -> Callable[[], dict[str, float]]:
    """How many messages the reconciler has said since the test began."""
    before = mended()
    return lambda: {what: value - before[what] for what, value in mended().items()}


def anew(own: Settings, database: Callable[[str], Any]) -> Settings:
    """The service's settings after its database and its place in the topics were lost."""
    admin = AdminClient({"bootstrap.servers": own.kafka_bootstrap})
    for deleted in admin.delete_consumer_groups([f"{own.namespace}{PUBLIC_MAP}"]).values():
        deleted.result()
    return own.model_copy(update={"postgres_dsn": SecretStr(database("public-map").service)})


def test_a_map_built_anew_takes_off_the_topic_what_is_hidden_by_now(
    own: Settings, database: Callable[[str], Any], since: Callable[[], dict[str, float]]
) -> None:
    stays, hidden = Life(1, BEGAN), Life(2, BEGAN)
    with service(own):
        send(
            own, *(life.submitted() for life in (stays, hidden)), *(life.change(CaseOpened) for life in (stays, hidden))
        )
        eventually(lambda: set(on_the_map(own)) == {str(stays.id), str(hidden.id)}, 30)
    send(own, hidden.change(CaseRejected))
    assert since() == {"tombstone": 0, "report": 0}
    with service(anew(own, database)):
        eventually(lambda: set(on_the_map(own)) == {str(stays.id)}, 30)
    assert since() == {"tombstone": 1, "report": 0}


def test_what_was_lost_on_its_way_to_the_topic_is_said_again(
    own: Settings, since: Callable[[], dict[str, float]]
) -> None:
    lost, behind, foreign = Life(1, BEGAN), Life(2, BEGAN), Life(3, BEGAN)
    with service(own) as store:
        send(own, *(each for life in (lost, behind) for each in (life.submitted(), life.change(CaseOpened))))
        eventually(lambda: on_the_map(own).keys() == {str(lost.id), str(behind.id)}, 30)
        first = on_the_map(own)
        send(own, behind.change(CaseTakenUp))
        eventually(lambda: on_the_map(own)[str(behind.id)].version == 2, 30)
        eventually(lambda: not outbox_rows(store), 30)
    # As if the log had lost the end of the topic, and somebody had written what was never public.
    never = public_report(foreign.change(CaseOpened))
    said = [messages.shown(first[str(behind.id)]), *messages.gone([lost.id]), messages.shown(never)]
    Publisher(own, "test").publish(said)
    expected = {str(lost.id): 1, str(behind.id): 2}
    with service(own):
        eventually(lambda: {key: each.version for key, each in on_the_map(own).items()} == expected, 30)
    assert since() == {"tombstone": 1, "report": 2}
    before = len(topic(own))
    with service(own.model_copy(update={"reconcile_every": timedelta(seconds=0.05)})):
        sends_and_sees(own, Life(9, BEGAN))
    assert since() == {"tombstone": 1, "report": 2}
    assert len(topic(own)) == before + 1


def test_nothing_is_mended_while_reports_come_and_go(own: Settings, since: Callable[[], dict[str, float]]) -> None:
    with service(own.model_copy(update={"reconcile_every": timedelta(0)})):
        lives = [Life(number, BEGAN) for number in range(200)]
        steps: list[Callable[[Life], Fact]] = [
            Life.submitted,
            lambda life: life.change(CaseOpened),
            lambda life: life.change(CaseTakenUp),
            lambda life: life.change(CaseRejected),
        ]
        for step in steps:
            for some in range(0, len(lives), 50):
                send(own, *(step(life) for life in lives[some : some + 50]))
        sends_and_sees(own, Life(999, BEGAN))
        eventually(lambda: set(on_the_map(own)) == {str(report_id(999))}, 30)
    assert since() == {"tombstone": 0, "report": 0}


def sends_and_sees(own: Settings, life: Life) -> None:
    """A report goes all the way, so the service has come that far."""
    send(own, life.submitted(), life.change(CaseOpened))
    eventually(lambda: str(life.id) in on_the_map(own), 30)


def outbox_rows(store: Any) -> int:
    with store.transaction() as connection:
        return int(connection.execute("select count(*) as rows from outbox").fetchone()["rows"])
