"""`kmzb audit`, as an operator types it."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest
from casework.domain.audit.readings import Reading
from casework.domain.officers import Officer
from casework.store.audit.entries import Anchor, insert_anchor, insert_readings
from casework.store.identity import set_identity
from chassis.postgres import Connection, Database
from chassis.settings import Settings
from contracts.events.cases import Role
from contracts.topics import CASEWORK
from deploy.stack.process import StackError
from operations.cli import app
from operations.commands.audit import BROKEN
from support.events import report_id
from support.stack.databases import Clone
from typer.testing import CliRunner, Result


@pytest.fixture
def clone(settings: Settings, database: Callable[[str], Clone], monkeypatch: pytest.MonkeyPatch) -> Clone:
    """Casework's database, named in the environment."""
    made = database(CASEWORK)
    monkeypatch.setenv("KMZB_KAFKA_BOOTSTRAP", settings.kafka_bootstrap)
    monkeypatch.setenv("KMZB_CASEWORK_POSTGRES_DSN", made.service)
    monkeypatch.delenv("KMZB_POSTGRES_ADMIN_DSN", raising=False)
    return made


@pytest.fixture
def anchor(clone: Clone) -> Anchor:
    """Two readings, of which one gives an odd purpose, and their anchor."""
    assert clone.api
    for number, subject, purpose in ((1, "jan.nowak", "skarga 12/26"), (2, "ewa", "a\u202eb\x1b[2J")):
        with Connection.connect(clone.api) as connection:
            set_identity(connection, Officer(subject, Role.COORDINATOR, "OPO", "KMP-1661"))
            given = Reading(what="case", report_id=report_id(number), fields=("description",), purpose=purpose)
            insert_readings(connection, [given])
    database = Database(clone.service, size=1)
    with database.transaction() as connection:
        made = insert_anchor(connection)
    database.close()
    assert made
    return made


def kmzb(*words: str) -> Result:
    return CliRunner().invoke(app, ["audit", *words])


def test_a_whole_audit_is_said_to_be_whole(anchor: Anchor) -> None:
    done = kmzb("verify", "--anchor", f"{anchor.number}:{anchor.hash.hex()}")
    assert (done.exit_code, done.output) == (0, "whole: 2 records in 1 chains, 1 anchors\n")
    said = json.loads(kmzb("verify", "--json").output)
    assert said == {"whole": True, "records": 2, "chains": 1, "anchors": 1, "breaks": []}


def test_a_broken_one_is_said_to_break_where_it_does(anchor: Anchor, clone: Clone) -> None:
    with Connection.connect(clone.owner) as owner:
        owner.execute("alter table audit.entry disable trigger user")
        owner.execute("update audit.entry set record = replace(record, 'jan', 'jon') where number = 1")
    done = kmzb("verify")
    assert done.exit_code == BROKEN
    assert "/OPO/KMP-1661: 1 is not as it was recorded" in done.output
    assert "broken in 1 places; 2 records" in done.output
    done = kmzb("verify", "--json", "--anchor", f"7:{'0' * 64}")
    broken = json.loads(done.output)["breaks"]
    assert (done.exit_code, [each["number"] for each in broken]) == (BROKEN, [1, 7])


def test_what_cannot_be_asked_is_neither(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(kmzb("verify", "--anchor", "1:xyz").exception, StackError)
    assert isinstance(kmzb("list").exception, StackError)
    assert isinstance(kmzb("list", "--case", "OPO-26-000000-0").exception, StackError)
    assert kmzb("verify", "--ancor", "x").exit_code == 2
    monkeypatch.delenv("KMZB_CASEWORK_POSTGRES_DSN")
    assert isinstance(kmzb("verify").exception, StackError)


def test_readings_are_listed_by_case_and_by_officer(anchor: Anchor, clone: Clone) -> None:
    (line,) = kmzb("list", "--officer", "jan.nowak").output.splitlines()
    assert f'jan.nowak (coordinator, KMP-1661)  case  {report_id(1)}  description  "skarga 12/26"' in line
    (record,) = map(json.loads, kmzb("list", "--case", str(report_id(2)), "--json").output.splitlines())
    assert (record["officer"], UUID(record["report_id"]), record["fields"]) == ("ewa", report_id(2), ["description"])
    assert kmzb("list", "--case", str(report_id(2)), "--officer", "jan.nowak").output == ""
    odd = kmzb("list", "--officer", "ewa").output
    assert not {"\x1b", "\u202e"} & set(odd)
    with Connection.connect(clone.owner) as owner:
        owner.execute(
            "insert into cases (report_id, number, version, status, round, category, longitude, latitude, garrison,"
            " unit, unit_name, supporters, submitted_at, changed_at, weekdays) values (%s, 'OPO-26-804123-K', 1,"
            " 'new', 1, 'parking', 17, 50, 'OPO', 'x', 'x', 0, now(), now(), '{}')",
            (report_id(1),),
        )
    assert kmzb("list", "--case", "opo-26-804123-k").output.splitlines() == [line]
