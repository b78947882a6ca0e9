"""Rosters: who is on duty when, who stands in for whom and with what rights, who may change it, what is said of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from casework.domain.duty.rosters import next_version
from casework.domain.officers import Officer as Identity
from casework.store.identity import set_identity
from chassis.postgres import Database
from contracts.envelope import Envelope
from contracts.events.cases import Role
from contracts.events.duty.rosters import RosterChanged
from fastapi.testclient import TestClient
from httpx import Response
from support.casework.officers import KATOWICE, Issuer, Officer
from support.events import OPOLE, report_id

NOW = datetime.now(UTC)


def at(hours: float) -> str:
    return (NOW + timedelta(hours=hours)).isoformat()


def shift(officer: str = "nowak", begins: float = 0, ends: float = 8, **more: Any) -> dict[str, Any]:
    return {"officer": officer, "starts_at": at(begins), "ends_at": at(ends), **more}


class Desk:
    """A desk's roster, as one officer asks for it and changes it."""

    def __init__(self, client: TestClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    def add(self, body: dict[str, Any], kind: str = "shifts") -> Response:
        answer: Response = self.client.post(f"/v1/duty/{kind}", json=body, headers=self.headers)
        return answer

    def end(self, entry_id: str) -> Response:
        answer: Response = self.client.delete(f"/v1/duty/{entry_id}", headers=self.headers)
        return answer

    def roster(self, **of: str) -> dict[str, Any]:
        answer = self.client.get("/v1/duty", params=of, headers=self.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def opole(client: TestClient, issuer: Issuer) -> Desk:
    return Desk(client, issuer.signed_in("coordinator", OPOLE.unit, "OPO"))


@pytest.fixture
def said(outbox: Callable[[], list[Any]]) -> Callable[[], list[RosterChanged]]:
    """What was published of rosters, in order."""
    return lambda: [one.data for one in outbox() if isinstance(one, Envelope) and isinstance(one.data, RosterChanged)]


def test_a_shift_says_who_is_on_duty_and_where_messages_go(
    opole: Desk, said: Callable[[], list[RosterChanged]]
) -> None:
    answer = opole.add(shift(email="nowak@policja.example"))
    assert answer.status_code == 201, answer.text
    assert answer.json()["on_duty"] == {
        "officer": "nowak",
        "email": "nowak@policja.example",
        "until": answer.json()["entries"][0]["ends_at"],
        "instead_of": None,
    }
    opole.add(shift("kowalska", 8, 16))
    opole.add(shift("zielony", 16, 24, email="zielony@policja.example"))
    assert [event.key for event in said()] == [f"OPO/{OPOLE.unit}"] * 3
    first, second, third = (event.version for event in said())
    assert first < second < third
    assert [time.email for time in said()[-1].times] == ["nowak@policja.example", "zielony@policja.example"]


def test_a_deputy_has_the_duty_and_the_messages_of_whom_they_stand_in_for(
    opole: Desk, said: Callable[[], list[RosterChanged]]
) -> None:
    opole.add(shift(email="nowak@policja.example"))
    deputy = shift("wilk", 2, 4, email="wilk@policja.example", principal="nowak")
    assert opole.add(deputy, "deputies").status_code == 201
    last = said()[-1]
    assert [time.email.partition("@")[0] for time in last.times] == ["nowak", "wilk", "nowak"]
    assert last.times[0].ends_at == last.times[1].starts_at == datetime.fromisoformat(at(2))
    now = opole.add(shift("sowa", 0, 1, principal="nowak"), "deputies").json()["on_duty"]
    assert (now["officer"], now["instead_of"], now["email"]) == ("sowa", "nowak", None)
    assert [time.email.partition("@")[0] for time in said()[-1].times] == ["nowak", "wilk", "nowak"]
    assert said()[-1].times[0].starts_at == datetime.fromisoformat(at(1)), "till then by the desk's own channels"


def test_who_changed_what_is_kept(opole: Desk) -> None:
    opole.add(shift())
    later = opole.add(shift("kowalska", 8, 16)).json()["entries"][1]
    first = opole.roster()["entries"][0]
    assert opole.end(later["entry_id"]).status_code == 200
    assert opole.end(first["entry_id"]).json()["on_duty"] is None
    assert opole.end(first["entry_id"]).status_code == 404
    changes = opole.roster()["changes"]
    assert [(one["what"], one["detail"]["officer"]) for one in changes] == [
        ("ended", "nowak"),
        ("removed", "kowalska"),
        ("added", "kowalska"),
        ("added", "nowak"),
    ]
    assert {(one["officer"], one["role"]) for one in changes} == {(f"officer-coordinator-{OPOLE.unit}", "coordinator")}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (shift(ends=-1), "ends_at"),
        (shift(begins=-2), "starts_at"),
        (shift(begins=20_000, ends=20_001), "starts_at"),
        (shift(ends=9_000), "ends_at"),
        (shift("kto inny", 7, 9), "starts_at"),
        (shift("", 9, 10), "officer"),
        (shift("a\u0000b", 9, 10), "officer"),
        (shift("x" * 256, 9, 10), "officer"),
        (shift(begins=9, ends=10, email="nowak"), "email"),
        (shift(begins=9, ends=10, email="Nowak <n@policja.example>"), "email"),
        ({"officer": "x", "ends_at": at(1)}, "starts_at"),
        ({"officer": "x", "starts_at": "2026-11-02T12:00:00", "ends_at": at(1)}, "starts_at"),
    ],
)
def test_what_does_not_fit_is_named_and_changes_nothing(opole: Desk, body: dict[str, Any], field: str) -> None:
    before = opole.add(shift()).json()
    answer = opole.add(body)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert opole.roster() == before


def test_nobody_stands_in_for_themselves_or_for_one_who_has_a_deputy(opole: Desk) -> None:
    assert opole.add(shift("wilk", principal="wilk"), "deputies").json()["errors"][0]["field"] == "officer"
    assert opole.add(shift("wilk", principal="nowak"), "deputies").status_code == 201
    assert opole.add(shift("sowa", principal="nowak"), "deputies").json()["errors"][0]["field"] == "starts_at"
    assert opole.add(shift("sowa", principal="lis"), "deputies").status_code == 201


def test_a_deputy_may_what_a_coordinator_may_while_it_is_in_force(
    opole: Desk, client: TestClient, issuer: Issuer, two_units: None
) -> None:
    beat = issuer.signed_in("beat_officer", OPOLE.unit, "OPO")
    name = f"officer-beat_officer-{OPOLE.unit}"
    officer = Officer(client, beat)
    assert officer.post("reject").status_code == 403
    opole.add(shift(name, principal="nowak"), "deputies")
    opole.add(shift("officer-beat_officer-x", 5, 8, principal="lis"), "deputies")
    me = client.get("/v1/me", headers=beat).json()
    assert (me["role"], me["deputy_of"]) == ("coordinator", "nowak")
    assert officer.post("reject").status_code == 200
    assert client.get(f"/v1/cases/{report_id(2)}", headers=beat).status_code == 404, "of their own unit alone"
    mine = Desk(client, beat)
    assert mine.add(shift("jez", 1, 2)).status_code == 201
    refused = mine.add(shift("jez", 1, 2, principal="sowa"), "deputies")
    assert refused.json()["errors"][0]["field"] == "principal", "what was lent can't be lent on"
    entry = next(one for one in opole.roster()["entries"] if one["officer"] == name)
    opole.end(entry["entry_id"])
    assert client.get("/v1/me", headers=beat).json()["role"] == "beat_officer"
    assert officer.post("reopen").status_code == 403
    elsewhere = issuer.token("beat_officer", KATOWICE.unit, "KAT", sub=name)
    assert client.get("/v1/me", headers={"Authorization": f"Bearer {elsewhere}"}).json()["role"] == "beat_officer"


def test_each_desk_keeps_its_own_roster_and_those_above_see_it(opole: Desk, client: TestClient, issuer: Issuer) -> None:
    opole.add(shift())
    beat = Desk(client, issuer.signed_in("beat_officer", OPOLE.unit, "OPO"))
    assert beat.add(shift("x", 9, 10)).status_code == 403
    assert beat.roster()["on_duty"]["officer"] == "nowak"
    garrison = Desk(client, issuer.signed_in("garrison", None, "OPO"))
    assert garrison.add(shift("dyzurny")).json()["unit"] == "OPO"
    assert garrison.roster()["on_duty"]["officer"] == "dyzurny"
    assert garrison.roster(garrison="OPO", unit=OPOLE.unit)["on_duty"]["officer"] == "nowak"
    headquarters = Desk(client, issuer.signed_in("headquarters"))
    assert headquarters.add(shift("szef")).json()["garrison"] == "KGP"
    assert headquarters.roster(garrison="OPO")["on_duty"]["officer"] == "dyzurny"
    other = Desk(client, issuer.signed_in("coordinator", KATOWICE.unit, "KAT"))
    hidden = other.roster(garrison="OPO", unit=OPOLE.unit)
    assert (hidden["version"], hidden["on_duty"], hidden["entries"], hidden["changes"]) == (0, None, [], [])
    entry = opole.roster()["entries"][0]["entry_id"]
    assert other.end(entry).status_code == 404
    assert garrison.end(entry).status_code == 404


def test_the_database_lets_nobody_change_another_desks_roster(opole: Desk, api_role: Database) -> None:
    opole.add(shift())
    writes = (
        "insert into duty_desk (garrison, unit) values ('KAT', 'KMP-2469')",
        "insert into duty_log (garrison, unit, at, officer, role, what, detail)"
        " values ('OPO', 'KPP-1601', now(), 'x', 'x', 'added', '{}')",
        "update duty_log set officer = 'x'",
        "delete from duty_log",
    )
    for statement in writes:
        with api_role.transaction() as connection:
            set_identity(connection, Identity("x", Role.COORDINATOR, "OPO", OPOLE.unit))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
    for who in (
        Identity("x", Role.BEAT_OFFICER, "OPO", OPOLE.unit),
        Identity("x", Role.GARRISON, "OPO"),
        Identity("x", Role.HEADQUARTERS),
        Identity("x", Role.COORDINATOR, "KAT", OPOLE.unit),
    ):
        with api_role.transaction() as connection:
            set_identity(connection, who)
            assert connection.execute("delete from duty_entry").rowcount == 0, who
            assert connection.execute("update duty_entry set ends_at = now()").rowcount == 0, who


def test_a_roster_that_begins_in_another_instances_store_is_above_what_was_said_of_it_before() -> None:
    at = datetime(2027, 3, 1, tzinfo=UTC)
    before = next_version(next_version(0, at), at)
    assert next_version(0, at + timedelta(seconds=2)) > before > next_version(0, at)
