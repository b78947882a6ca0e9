"""Alarms of surges on a real database: raised once over repeats, orders and restarts, gone up, acknowledged."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from casework.domain.officers import Officer as Identity
from casework.store.identity import set_identity
from casework.watch import judge_new, look
from chassis.postgres import Database
from contracts.base import Event
from contracts.envelope import Envelope
from contracts.events.cases import Role
from contracts.events.duty.surges import SurgeAcknowledged, SurgeEscalated, SurgeEvent, SurgeRaised
from contracts.policy.surges import surge_policy
from fastapi.testclient import TestClient
from msgspec.structs import replace
from support.casework.officers import KATOWICE, Issuer, Officer
from support.casework.openings import routed, submitted
from support.events import OPOLE, received, report_id

POLICY = surge_policy()
Consume = Callable[..., None]
Said = Callable[[], list[SurgeEvent]]


@pytest.fixture
def said(outbox: Callable[[], list[Any]]) -> Said:
    """What was published of alarms, in order; each with an id of its own."""

    def look_at() -> list[SurgeEvent]:
        messages = [one for one in outbox() if isinstance(one, Envelope) and isinstance(one.data, SurgeEvent)]
        assert len({message.id for message in messages}) == len(messages)
        return [message.data for message in messages if isinstance(message.data, SurgeEvent)]

    return look_at


def reports(count: int, *, ago: timedelta = timedelta(minutes=5), first: int = 1) -> list[Event]:
    """So many reports at one place within a minute, each submitted and routed."""
    began = datetime.now(UTC) - ago
    events: list[Event] = []
    for number in range(first, first + count):
        at = began + timedelta(seconds=number % 60)
        events += [replace(submitted(number), submitted_at=at), replace(routed(number), submitted_at=at)]
    return events


def consume_all(consume: Consume, events: list[Event]) -> None:
    consume(*(received(event) for event in events))


def test_a_surge_raises_one_alarm_however_it_is_read_repeated_and_restarted(
    consume: Consume, service: Database, said: Said
) -> None:
    order = Random(7)
    events = reports(9)
    events += order.sample(events, 8)
    order.shuffle(events)
    while events:
        size = order.randint(1, 4)
        consume_all(consume, events[:size])
        events = events[size:]
        look(service, POLICY)
    [raised] = said()
    assert isinstance(raised, SurgeRaised)
    assert raised.owner.unit == OPOLE.unit
    assert raised.reports in range(6, 10), "as many as were known then"
    look(service, POLICY)
    assert len(said()) == 1
    with service.transaction() as connection:
        kept = connection.execute("select reports, told from surge").fetchall()
    assert kept == [{"reports": 9, "told": "unit"}]


def test_what_breaks_off_loses_no_alarm(consume: Consume, service: Database, said: Said) -> None:
    consume_all(consume, reports(6))
    with service.transaction() as connection:
        assert judge_new(connection, POLICY) == 6
        connection.execute("rollback")  # the process dies before it commits
    assert said() == []
    look(service, POLICY)
    assert len(said()) == 1


def test_while_one_looks_another_does_not(consume: Consume, service: Database, said: Said) -> None:
    consume_all(consume, reports(6))
    with service.transaction() as connection:
        connection.execute("select pg_advisory_xact_lock(hashtext('surges'))")
        look(service, POLICY)
        assert said() == []
    look(service, POLICY)
    assert len(said()) == 1


def test_what_is_read_a_day_late_raises_none(consume: Consume, service: Database, said: Said) -> None:
    consume_all(consume, reports(9, ago=timedelta(days=2)))
    look(service, POLICY)
    assert said() == []


def pass_time(service: Database) -> None:
    """Let the time be over in which an alarm could be acknowledged."""
    with service.transaction() as connection:
        connection.execute("update surge set escalate_at = now() where escalate_at is not null")
    look(service, POLICY)


def test_an_alarm_nobody_acknowledges_goes_up_twice_and_no_further(
    consume: Consume, service: Database, said: Said
) -> None:
    consume_all(consume, reports(6))
    look(service, POLICY)
    look(service, POLICY)
    assert len(said()) == 1, "not before its time"
    for _ in range(4):
        pass_time(service)
    assert [one.to for one in said() if isinstance(one, SurgeEscalated)] == ["garrison", "headquarters"]


def test_who_has_it_in_hand_is_known_and_it_goes_no_further(
    consume: Consume, service: Database, said: Said, coordinator: Officer, client: TestClient, issuer: Issuer
) -> None:
    consume_all(consume, reports(6))
    look(service, POLICY)
    pass_time(service)
    garrison = issuer.signed_in("garrison", None, "OPO")
    [alarm] = client.get("/v1/alarms", headers=garrison).json()["alarms"]
    assert (alarm["told"], alarm["acknowledged_at"], len(alarm["cases"])) == ("garrison", None, 6)
    url = f"/v1/alarms/{alarm['surge_id']}/acknowledge"
    assert client.post(url, headers=garrison).status_code == 200
    [taken] = client.post(url, headers=coordinator.headers).json()["alarms"]
    assert (taken["acknowledged_by"], taken["acknowledged_role"]) == ("officer-garrison-None", "garrison")
    pass_time(service)
    kinds = [type(one) for one in said()]
    assert kinds == [SurgeRaised, SurgeEscalated, SurgeAcknowledged]
    last = said()[-1]
    assert isinstance(last, SurgeAcknowledged)
    assert last.actor is Role.GARRISON


def test_an_alarm_of_another_unit_is_none(
    consume: Consume, service: Database, client: TestClient, issuer: Issuer, api_role: Database
) -> None:
    consume_all(consume, reports(6))
    look(service, POLICY)
    others = issuer.signed_in("coordinator", KATOWICE.unit, "KAT")
    assert client.get("/v1/alarms", headers=others).json() == {"alarms": []}
    with service.transaction() as connection:
        row = connection.execute("select surge_id from surge").fetchone()
    assert row
    answer = client.post(f"/v1/alarms/{row['surge_id']}/acknowledge", headers=others)
    assert answer.status_code == 404
    missing = client.post(f"/v1/alarms/{report_id(99)}/acknowledge", headers=others)
    assert missing.text.replace(str(report_id(99)), "") == answer.text.replace(str(row["surge_id"]), "")
    with api_role.transaction() as connection:
        set_identity(connection, Identity("x", Role.COORDINATOR, "KAT", KATOWICE.unit))
        assert connection.execute("select * from surge").fetchall() == []
        assert connection.execute("select * from recent_report").fetchall() == []
        assert connection.execute("update surge set escalate_at = null").rowcount == 0
