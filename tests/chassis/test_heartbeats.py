"""Heartbeats are passed on by the shell, with the effects beside them, and no service's own code is shown one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from chassis import outbox
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.postgres import Connection, Database
from chassis.settings import Settings
from contracts.envelope import Outgoing, decode
from contracts.events.progress import Heartbeat
from contracts.policy.heartbeats import first_heartbeat, heartbeat_topics, passed_on
from contracts.topics import CASEWORK, HEARTBEATS, INTAKE, PUBLIC_MAP, ROUTING, SERVICES, SLA_MONITOR
from support.casework.openings import submitted
from support.effects import count_effects
from support.events import SUBMITTED, ClientMessage, outgoing, report_id

FIRST = first_heartbeat(INTAKE, UUID(int=5), SUBMITTED)
READ = decode(FIRST.headers, FIRST.value or b"")


def test_its_way_is_that_of_a_report_and_ends() -> None:
    message, way = FIRST, [FIRST.topic]
    for service in SERVICES[1:]:
        onward = passed_on(service, [None, decode(message.headers, message.value or b"")])
        if service == PUBLIC_MAP:
            assert onward == []
            break
        [message] = onward
        way.append(message.topic)
        assert decode(message.headers, message.value or b"").submitted_at == SUBMITTED
    assert way == [HEARTBEATS[service].name for service in SERVICES[1:]]
    assert heartbeat_topics(INTAKE) == heartbeat_topics("none of ours") == ()


def test_it_is_the_same_however_often_it_is_passed_on() -> None:
    assert passed_on(ROUTING, [READ]) == passed_on(ROUTING, [READ])


def test_nothing_else_is_passed_on() -> None:
    report = outgoing(submitted(1))
    assert passed_on(CASEWORK, [decode(report.headers, report.value or b"")]) == []


@pytest.mark.parametrize(("service", "following"), [(CASEWORK, SLA_MONITOR), (PUBLIC_MAP, None)])
def test_the_shell_of_a_store_passes_it_on_in_the_transaction_and_shows_the_service_what_else_there_is(
    effects: Database, service: str, following: str | None
) -> None:
    shown: list[Received] = []

    def handle(connection: Connection, batch: Sequence[Received]) -> None:
        shown.extend(batch)
        count_effects(connection, batch)

    storing = Storing(Settings(kafka_bootstrap="127.0.0.1:1"), service, effects, handle)
    beat = Outgoing(HEARTBEATS[service].name, FIRST.key, FIRST.headers, FIRST.value)
    batch: list[Any] = [ClientMessage(beat), ClientMessage(outgoing(submitted(1)), offset=1)]
    storing(batch)
    storing(batch[:1])  # of itself alone there is nothing to handle
    assert [received.key for received in shown] == [str(report_id(1))]
    with effects.transaction() as connection:
        waiting = [each.message for each in outbox.list_oldest(connection, 10)]
    beats = [decode(each.headers, each.value or b"").data for each in waiting]
    assert all(isinstance(each, Heartbeat) for each in beats)
    assert [each.topic for each in waiting] == ([HEARTBEATS[following].name] * 2 if following else [])
