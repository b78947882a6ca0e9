"""Row-level security: what the database gives to whom, whatever the program asks."""

import psycopg
import pytest
from chassis.postgres import Connection, Database
from support.casework.officers import KATOWICE
from support.events import OPOLE, report_id

TABLES = ("cases", "history", "site_check", "words", "clock", "referral")


def set_local(connection: Connection, name: str, value: str) -> None:
    """Set a value that row-level security reads, for this transaction only."""
    connection.execute("select set_config(%s, %s, true)", (name, value))


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


def test_half_an_identity_is_none(api_role: Database, two_units: None) -> None:
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
    "delete from claimed_number",
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
    entry = '{"version": 2, "what": "x", "at": "2026-11-02T12:00:00Z", "role": "x", "detail": {}}'
    for role in ("beat_officer", "garrison", "coordinator"):
        with api_role.transaction() as connection:
            set_local(connection, "kmzb.role", role)
            set_local(connection, "kmzb.unit", OPOLE.unit)
            set_local(connection, "kmzb.garrison", "KAT")
            handed_over = connection.execute(
                "select hand_over(%s, 1, now(), 'OPO', %s, 'x', null, null, null) as done", (report_id(2), OPOLE.unit)
            ).fetchone()
            locked = connection.execute(
                "select * from lock_survivor(%s, %s)", (report_id(2), str(report_id(1)))
            ).fetchall()
            absorbed = connection.execute(
                "select absorb(%s, %s, 1, now(), now(), %s, null) as done", (report_id(2), report_id(1), entry)
            ).fetchone()
            assert (handed_over, locked, absorbed) == ({"done": False}, [], {"done": False})
    with service.transaction() as connection:
        owners = connection.execute("select unit, supporters from cases order by submitted_at").fetchall()
    assert owners[:2] == [{"unit": OPOLE.unit, "supporters": 0}, {"unit": KATOWICE.unit, "supporters": 0}]


def test_what_was_decided_on_another_version_is_not_written(api_role: Database, two_units: None) -> None:
    entry = '{"version": 3, "what": "x", "at": "2026-11-02T12:00:00Z", "role": "x", "detail": {}}'
    with api_role.transaction() as connection:
        set_local(connection, "kmzb.role", "headquarters")
        handed_over = connection.execute(
            "select hand_over(%s, 2, now(), 'OPO', %s, 'x', null, null, null) as done", (report_id(2), OPOLE.unit)
        ).fetchone()
        absorbed = connection.execute(
            "select absorb(%s, %s, 1, now(), now(), %s, null) as done", (report_id(2), report_id(1), entry)
        ).fetchone()
        assert (handed_over, absorbed) == ({"done": False}, {"done": False})


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
