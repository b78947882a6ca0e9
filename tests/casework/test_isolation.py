"""A unit's cases are closed to other units: on every route, and in the database whatever the program asks."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from casework.store import set_local
from chassis.postgres import Database
from contracts.base import HEADQUARTERS, Owner
from contracts.reports import ReportContent
from fastapi.testclient import TestClient
from support.databases import Clone
from support.events import OPOLE, received, report_id
from support.officers import Issuer
from support.openings import routed, submitted, unroutable

KATOWICE = Owner(garrison="KAT", unit="KMP-2469", unit_name="Komenda Miejska Policji w Katowicach")
BODIES: dict[str, Any] = {
    "take-up": None,
    "checks": {"checked_at": "2026-11-02T12:00:00Z", "finding": "found"},
    "confirm": None,
    "unconfirm": {"reason": "nic tam nie ma"},
    "reject": None,
    "refer": {"agency": "road-manager"},
    "return": None,
    "eliminate": None,
    "reopen": None,
    "task": {"due_at": "2100-01-01T00:00:00Z"},
    "correct": {"category": "drinking"},
    "transfer": {"to": "KPP-1601", "reason": "pomyłka"},
    "merge": {"into": str(report_id(2))},
}
TABLES = ("cases", "history", "site_check", "words", "clock", "referral")


@pytest.fixture
def two_units(hear: Callable[..., None]) -> None:
    """Report 1 in Opole, 2 in Katowice, 3 with headquarters."""
    for number, route in ((1, routed(1)), (2, routed(2, KATOWICE)), (3, unroutable(3))):
        words = ReportContent(report_id=report_id(number), description="prywatne słowa")
        hear(received(words), received(submitted(number)), received(route))


@pytest.fixture
def api_role(clone: Clone) -> Iterator[Database]:
    assert clone.api is not None
    made = Database(clone.api)
    yield made
    made.close()


def seen(client: TestClient, headers: dict[str, str]) -> set[str]:
    return {case["report_id"] for case in client.get("/v1/cases", headers=headers).json()["cases"]}


def test_each_role_sees_its_own_part_of_the_country(client: TestClient, issuer: Issuer, two_units: None) -> None:
    one, two, three = (str(report_id(number)) for number in (1, 2, 3))
    assert seen(client, issuer.signed_in("coordinator", OPOLE.unit, "OPO")) == {one}
    assert seen(client, issuer.signed_in("beat_officer", KATOWICE.unit, "KAT")) == {two}
    assert seen(client, issuer.signed_in("garrison", None, "KAT")) == {two}
    assert seen(client, issuer.signed_in("headquarters")) == {one, two, three}
    assert seen(client, issuer.signed_in("coordinator", HEADQUARTERS.unit, "KGP")) == {three}
    asking = {"unit": KATOWICE.unit}
    mine = issuer.signed_in("coordinator", OPOLE.unit, "OPO")
    assert client.get("/v1/cases", params=asking, headers=mine).json()["cases"] == []
    assert client.get("/v1/cases", params={"q": str(report_id(2))}, headers=mine).json()["cases"] == []


def test_a_foreign_case_does_not_exist_on_any_route(client: TestClient, issuer: Issuer, two_units: None) -> None:
    routes = client.get("/openapi.json").json()["paths"]
    actions = {path.rpartition("/")[2] for path in routes if path.startswith("/v1/cases/{report_id}/")}
    assert actions == set(BODIES)
    foreign = issuer.signed_in("coordinator", OPOLE.unit, "OPO")
    url = f"/v1/cases/{report_id(2)}"
    none = client.get(f"/v1/cases/{report_id(9)}", headers=foreign)
    answer = client.get(url, headers=foreign)
    assert (answer.status_code, none.status_code) == (404, 404)
    assert answer.text.replace(str(report_id(2)), "") == none.text.replace(str(report_id(9)), "")
    for action, body in BODIES.items():
        for version in ("1", "7"):  # the right version tells no more than a wrong one
            answer = client.post(f"{url}/{action}", json=body, headers=foreign | {"If-Match": version})
            assert answer.status_code == 404, (action, answer.text)
    mine = issuer.signed_in("coordinator", KATOWICE.unit, "KAT")
    assert client.get(url, headers=mine).json()["version"] == 1


def test_words_are_for_those_who_work_the_case(client: TestClient, issuer: Issuer, two_units: None) -> None:
    def words(number: int, *who: Any) -> Any:
        return client.get(f"/v1/cases/{report_id(number)}", headers=issuer.signed_in(*who)).json()["words"]

    assert words(1, "coordinator", OPOLE.unit, "OPO")["description"] == "prywatne słowa"
    assert words(1, "beat_officer", OPOLE.unit, "OPO")["description"] == "prywatne słowa"
    assert words(1, "garrison", None, "OPO") is None
    assert words(1, "headquarters") is None
    assert words(3, "headquarters")["description"] == "prywatne słowa"


def test_the_database_shows_nothing_to_who_has_not_said_who_they_are(api_role: Database, two_units: None) -> None:
    def shown() -> list[bool]:
        queries = [f"select from {table} limit 1".encode() for table in TABLES]
        return [bool(connection.execute(query).fetchall()) for query in queries]

    with api_role.transaction() as connection:
        assert not any(shown())
    with api_role.transaction() as connection:
        set_local(connection, "kmzb.role", "headquarters")
        assert shown() == [table in {"cases", "history", "words"} for table in TABLES]
    with api_role.transaction() as connection:  # what was set is gone with its transaction: '' is left, and is nobody
        assert not any(shown())


def test_half_a_claim_is_none(api_role: Database, two_units: None) -> None:
    for claims in ({"role": "coordinator"}, {"role": "garrison"}, {"role": "x", "unit": OPOLE.unit}):
        with api_role.transaction() as connection:
            for name in ("role", "unit", "garrison"):
                set_local(connection, f"kmzb.{name}", claims.get(name, ""))
            assert connection.execute("select * from cases").fetchall() == []


BEYOND = (
    "update cases set unit = 'KPP-1601'",
    "update cases set garrison = 'KAT'",
    "insert into cases select * from cases",
    "delete from cases",
    "update history set note = ''",
    "delete from history",
    "truncate history",
    "update words set description = null",
    "delete from site_check",
    "select * from report",
    "select * from follow_up",
    "select * from outbox",
    "delete from outbox",
    "update number_sequence set last = 0",
    "alter table cases disable row level security",
    "create table mine (x int)",
)


def test_the_officers_role_can_do_no_more_than_it_needs(api_role: Database, two_units: None) -> None:
    for statement in BEYOND:
        with api_role.transaction() as connection:
            set_local(connection, "kmzb.role", "headquarters")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_an_entry_for_a_foreign_case_cannot_be_written(api_role: Database, two_units: None) -> None:
    entry = "insert into history (report_id, what, at, role) values (%s, 'x', now(), 'x')"
    with api_role.transaction() as connection:
        set_local(connection, "kmzb.role", "coordinator")
        set_local(connection, "kmzb.unit", OPOLE.unit)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(entry, (report_id(2),))


def test_what_passes_cases_on_passes_on_only_what_its_caller_may(
    api_role: Database, service: Database, two_units: None
) -> None:
    for role in ("beat_officer", "garrison", "coordinator"):
        with api_role.transaction() as connection:
            set_local(connection, "kmzb.role", role)
            set_local(connection, "kmzb.unit", OPOLE.unit)
            set_local(connection, "kmzb.garrison", "KAT")
            row = connection.execute(
                "select hand_over(%s, 1, now(), 'OPO', %s, 'x', null, null, null) as done", (report_id(2), OPOLE.unit)
            ).fetchone()
            assert row == {"done": False}
            assert (
                connection.execute(
                    "select * from absorb(%s, %s, 'coordinator', 'x')", (report_id(2), str(report_id(1)))
                ).fetchall()
                == []
            )
    with service.transaction() as connection:
        owners = connection.execute("select unit, supporters from cases order by submitted_at").fetchall()
    assert owners[:2] == [{"unit": OPOLE.unit, "supporters": 0}, {"unit": KATOWICE.unit, "supporters": 0}]


def test_history_is_append_only_for_the_service_too(service: Database, two_units: None) -> None:
    for statement in (b"update history set note = 'x'", b"delete from history"):
        with pytest.raises(psycopg.errors.RaiseException), service.transaction() as connection:
            connection.execute(statement)


def test_neither_role_owns_what_it_uses(service: Database, api_role: Database) -> None:
    for database in (service, api_role):
        with database.transaction() as connection:
            owned = connection.execute(
                "select relname from pg_class where relowner = (select oid from pg_roles where rolname = current_user)"
            ).fetchall()
            role = connection.execute(
                "select rolsuper or rolbypassrls as free from pg_roles where rolname = current_user"
            ).fetchone()
        assert (owned, role) == ([], {"free": False})
