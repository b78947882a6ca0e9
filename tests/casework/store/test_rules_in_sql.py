"""The lists of roles and statuses that SQL needs are those of the rules in Python, and stand nowhere else."""

import re
from importlib import resources
from pathlib import Path
from typing import get_args

import pytest
from casework.domain.checks import Finding
from casework.domain.duty.rosters import Desk, keeps_roster
from casework.domain.officers import SCOPES, Officer, reads_words, sees
from casework.domain.rules import TABLE, Change, permits
from casework.store.identity import set_identity
from chassis.postgres import Connection, Database
from contracts.base import HEADQUARTERS, Owner
from contracts.events.cases import Role
from contracts.events.reports import FollowUp
from contracts.statuses import OPEN, Status
from contracts.topics import FOLLOW_UP
from support.casework.officers import KATOWICE
from support.events import OPOLE

BRZEG = Owner(garrison="OPO", unit="KPP-1601", unit_name="Komenda Powiatowa Policji w Brzegu")
ELSEWHERE = Owner(garrison="KAT", unit=OPOLE.unit, unit_name="a unit with the same code")
OWNERS = (OPOLE, BRZEG, KATOWICE, HEADQUARTERS, ELSEWHERE)
OFFICERS = [
    Officer("x", role, garrison, unit)
    for role in Role
    for garrison, unit in ((None, None), ("OPO", None), (None, OPOLE.unit), ("OPO", OPOLE.unit), ("KGP", "KGP"))
]


def says(connection: Connection, function: str, *arguments: str) -> bool:
    places = ", ".join(["%s"] * len(arguments))
    row = connection.execute(f"select {function}({places}) as said".encode(), arguments).fetchone()
    assert row is not None
    said: bool = row["said"]
    return said


def test_open_statuses_are_those_in_which_a_case_takes_support() -> None:
    assert {status for status, change in TABLE if change is Change.SUPPORT} == OPEN


@pytest.mark.parametrize("change", [Change.TRANSFER, Change.MERGE])
def test_who_passes_cases_on_are_the_officers_of_the_table(service: Database, change: Change) -> None:
    passing = set()
    for role in Role:
        with service.transaction() as connection:
            set_identity(connection, Officer("x", role))
            passing |= {role} if says(connection, "officer_passes_on") else set()
    assert passing == {role for role in SCOPES if permits(role, change)}
    with service.transaction() as connection:  # nobody has said who they are
        assert not says(connection, "officer_passes_on")


def test_what_officers_see_and_read_is_what_the_rules_say(service: Database) -> None:
    for officer in OFFICERS:
        with service.transaction() as connection:
            set_identity(connection, officer)
            for owner in OWNERS:
                case = (officer, owner)
                assert says(connection, "officer_sees", owner.garrison, owner.unit) is sees(officer, owner), case
                assert says(connection, "officer_reads_words", owner.garrison, owner.unit) is reads_words(*case), case


def test_who_keeps_a_roster_is_what_the_rules_say(service: Database) -> None:
    for officer in OFFICERS:
        desks = [Desk(owner.garrison, owner.unit) for owner in OWNERS] + [Desk("OPO", "OPO")]
        with service.transaction() as connection:
            set_identity(connection, officer)
            for desk in desks:
                said = says(connection, "officer_keeps_roster", desk.garrison, desk.unit)
                known = officer.role in SCOPES and keeps_roster(officer, desk)
                assert said is known, (officer, desk)


def test_a_column_takes_exactly_the_values_of_the_code(service: Database) -> None:
    values = {
        "cases_status_check": set(Status),
        "site_check_finding_check": set(get_args(Finding)),
        "follow_up_kind_check": {event.__name__ for event in FOLLOW_UP.events if issubclass(event, FollowUp)},
    }
    with service.transaction() as connection:
        rows = connection.execute(
            "select conname, pg_get_constraintdef(oid) as said from pg_constraint where conname = any(%s)",
            (list(values),),
        ).fetchall()
    in_sql = {row["conname"]: set(re.findall("'([^']+)'", row["said"])) for row in rows}
    assert in_sql == {name: {*map(str, known)} for name, known in values.items()}


def test_no_other_list_of_roles_or_statuses_stands_in_sql() -> None:
    root = Path(str(resources.files("casework")))
    words = [f"'{word}'" for word in (*Status, *Role)]
    in_queries = [file.name for file in (root / "store").rglob("*.py") for word in words if word in file.read_text()]
    assert in_queries == []
    migration = (root / "migrations" / "0001_casework.sql").read_text()
    lines = [line for line in migration.splitlines() if any(word in line for word in words)]
    assert len([line for line in lines if "'new'" in line]) == 1 + 4 + 3  # the column's check, and what indexes hold:
    _, *open_ones = re.findall(r"status in \(([^)]*)\)", migration)
    assert [set(re.findall("'([^']+)'", listed)) for listed in open_ones] == [{*map(str, OPEN)}] * 4
    assert re.findall(r"emergency_like and status = '([^']+)'", migration) == [str(Status.NEW)] * 3
    assert len([line for line in lines if "'coordinator'" in line]) == 3  # sees, reads words, passes on
