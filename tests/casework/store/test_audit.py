"""The audit's chains: nobody can write in them, colleagues at once make one chain, and whatever is changed is found."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from casework.domain.audit.chains import ANCHORS, Break
from casework.domain.audit.readings import Reading
from casework.domain.officers import Officer
from casework.store.audit.entries import Anchor, insert_anchor, insert_readings
from casework.store.audit.reading import count_audit, read_breaks
from casework.store.identity import set_identity
from chassis.postgres import Connection, Database
from contracts.events.cases import Role
from support.events import report_id
from support.stack.databases import Clone

OPOLE = Officer("an", Role.COORDINATOR, "OPO", "U1")
KATOWICE = Officer("ba", Role.COORDINATOR, "KAT", "U2")
HEADQUARTERS = Officer("hq", Role.HEADQUARTERS)
READ = Reading(what="case", report_id=report_id(1), fields=("description",))


def read_by(database: Database, officer: Officer, readings: Sequence[Reading] = (READ,)) -> None:
    with database.transaction() as connection:
        set_identity(connection, officer)
        insert_readings(connection, readings)


def anchored(service: Database) -> Anchor:
    with service.transaction() as connection:
        anchor = insert_anchor(connection)
    assert anchor
    return anchor


def breaks(service: Database, *told: Anchor) -> list[Break]:
    with service.transaction() as connection:
        return list(read_breaks(connection, {anchor.number: anchor.hash for anchor in told}))


@pytest.fixture
def audit(api_role: Database, service: Database) -> Anchor:
    """Three records of one unit, one of another, one of headquarters; anchored, and one more of the first."""
    read_by(api_role, OPOLE, [READ, READ])
    read_by(api_role, OPOLE)
    for officer in (KATOWICE, HEADQUARTERS):
        read_by(api_role, officer)
    anchor = anchored(service)
    read_by(api_role, OPOLE)
    return anchor


@pytest.fixture
def intruder(clone: Clone) -> Iterator[psycopg.Connection]:
    """Somebody who may do everything, as the owner of the tables may."""
    with psycopg.connect(clone.owner, autocommit=True) as owner:
        for table in ("entry", "chain", "anchor"):
            owner.execute(f"alter table audit.{table} disable trigger user".encode())
        yield owner


def test_what_was_recorded_is_whole(audit: Anchor, service: Database) -> None:
    assert breaks(service, audit) == []
    with service.transaction() as connection:
        there = count_audit(connection)
    assert (there.records, there.chains, there.anchors) == (6, 3, 1)
    assert anchored(service).number == 2
    assert anchored(service).number == 2  # nothing was read meanwhile
    assert breaks(service, audit, anchored(service)) == []


def test_colleagues_at_once_make_one_chain(api_role: Database, service: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: read_by(api_role, OPOLE, [READ, READ]), range(40)))
    assert breaks(service) == []
    with service.transaction() as connection:
        assert (count_audit(connection).records, count_audit(connection).chains) == (80, 1)


def test_who_has_not_said_who_they_are_records_nothing(api_role: Database, service: Database) -> None:
    with pytest.raises(psycopg.errors.RaiseException), api_role.transaction() as connection:
        insert_readings(connection, [READ])
    forged = {"officer": "somebody else", "unit": "U9", "chain": "x", "number": 7, "at": "1999-01-01T00:00:00Z"}
    with api_role.transaction() as connection:
        set_identity(connection, OPOLE)
        connection.execute("select audit.append(%s::jsonb)", (json.dumps([forged]),))
    with service.transaction() as connection:
        (row,) = connection.execute("select record from audit.entry").fetchall()
    said = json.loads(row["record"])
    assert (said["officer"], said["unit"], said["number"], said["at"][:2]) == ("an", "U1", 1, "20")


BEYOND = (
    "insert into audit.entry (chain, number, record, hash) values ('x', 1, '{}', '')",
    "update audit.entry set record = '{}'",
    "delete from audit.entry",
    "truncate audit.entry",
    "update audit.chain set entries = 0",
    "delete from audit.chain",
    "delete from audit.anchor",
    "insert into audit.anchor values (9, '{}', '')",
    "alter table audit.entry disable trigger user",
    "create table audit.mine (x int)",
)


def test_no_role_of_the_service_writes_in_it(audit: Anchor, api_role: Database, service: Database) -> None:
    for database in (api_role, service):
        for statement in BEYOND:
            with database.transaction() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
    beyond: tuple[tuple[Database, str], ...] = (
        (api_role, "select * from audit.entry"),
        (api_role, "select audit.append_anchor()"),
        (service, "select audit.append('[]')"),
    )
    for database, statement in beyond:
        with database.transaction() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


def test_not_even_the_owner_changes_it_by_mistake(audit: Anchor, clone: Clone) -> None:
    for statement in ("update audit.entry set record = '{}'", "delete from audit.anchor", "truncate audit.chain"):
        with Connection.connect(clone.owner) as owner, pytest.raises(psycopg.errors.RaiseException):
            owner.execute(statement.encode())


FIELDS = ("at", "what", "officer", "role", "garrison", "unit", "report_id", "fields", "chain", "number")


def test_each_field_of_each_record_is_held(audit: Anchor, service: Database, intruder: psycopg.Connection) -> None:
    changed: dict[str, Any] = {"fields": ["photos"], "number": 9, "report_id": str(report_id(2))}
    for chain, number, record in intruder.execute("select chain, number, record from audit.entry").fetchall():
        place = "update audit.entry set record = %s where chain = %s and number = %s"
        for field in json.loads(record):
            assert field in FIELDS
            intruder.execute(place, (json.dumps(json.loads(record) | {field: changed.get(field, "x")}), chain, number))
            (broken,) = breaks(service)
            assert (broken.chain, broken.number) == (chain, number), field
        intruder.execute(place, (record, chain, number))
    assert breaks(service, audit) == []


EXCHANGED = """
    update audit.entry set number = number + 10 where number in (2, 3);
    update audit.entry set number = case number when 12 then 3 else 2 end where number > 10
"""
TAMPERED = {
    "the same said otherwise": ("update audit.entry set record = record || ' ' where number = 3", "U1", 3),
    "a hash": ("update audit.entry set hash = sha256(hash) where number = 3", "U1", 3),
    "one in the middle": ("delete from audit.entry where number = 2", "U1", 2),
    "the first": ("delete from audit.entry where number = 1 and chain like '%/U1'", "U1", 1),
    "the last": ("delete from audit.entry where number = 4", "U1", 3),
    "two exchanged": (EXCHANGED, "U1", 2),
    "a head": ("update audit.chain set hash = '' where chain like '%/U1'", "U1", 4),
    "a head's number": ("update audit.chain set entries = 9 where chain like '%/U1'", "U1", 4),
    "no head": ("delete from audit.chain where chain like '%/U1'", "U1", 4),
    "an anchor's record": ("update audit.anchor set record = replace(record, 'U2', 'U3')", ANCHORS, 1),
    "an anchor's hash": ("update audit.anchor set hash = ''", ANCHORS, 1),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_whatever_is_changed_is_found(
    audit: Anchor, service: Database, intruder: psycopg.Connection, what: str
) -> None:
    statement, chain, number = TAMPERED[what]
    for each in statement.split(";"):
        intruder.execute(each.encode())
    found = breaks(service, audit)
    assert (chain, number) in [(broken.chain.rpartition("/")[2], broken.number) for broken in found], found


def test_a_chain_that_is_cut_with_its_head_or_made_anew_is_not_the_one_that_was_anchored(
    audit: Anchor, service: Database, intruder: psycopg.Connection
) -> None:
    intruder.execute("delete from audit.entry where chain like '%/U2'")
    intruder.execute("delete from audit.chain where chain like '%/U2'")
    assert [(broken.chain[-2:], broken.number) for broken in breaks(service)] == [("U2", 1)]
    last = b""
    links = "select chain, number, record from audit.entry where chain like '%/U1' order by number"
    for chain, number, record in intruder.execute(links).fetchall():
        said = record.replace('"an"', '"cy"')
        last = hashlib.sha256(last + said.encode()).digest()
        intruder.execute(
            "update audit.entry set record = %s, hash = %s where chain = %s and number = %s",
            (said, last, chain, number),
        )
    intruder.execute("update audit.chain set hash = %s where chain like '%%/U1'", (last,))
    assert sorted((broken.chain[-2:], broken.number) for broken in breaks(service)) == [("U1", 3), ("U2", 1)]


def test_whole_days_that_are_not_kept_any_more_break_nothing_after_them(
    audit: Anchor, service: Database, intruder: psycopg.Connection
) -> None:
    def since(day: date) -> int:
        with service.transaction() as connection:
            return len(list(read_breaks(connection, {audit.number: audit.hash}, day)))

    today = datetime.now(UTC).date()
    intruder.execute("delete from audit.entry")
    intruder.execute("delete from audit.chain")
    assert (since(today), since(today + timedelta(days=2))) == (3, 0)


def test_what_is_cut_off_with_its_anchors_is_missed_by_the_log(
    audit: Anchor, service: Database, intruder: psycopg.Connection
) -> None:
    second = anchored(service)
    intruder.execute("delete from audit.entry where number = 4")
    intruder.execute(
        "update audit.chain set entries = 3, hash = (select hash from audit.entry where number = 3)"
        " where chain like '%/U1'"
    )
    intruder.execute("delete from audit.anchor where number = 2")
    assert breaks(service, audit) == []  # the tables alone can't tell
    assert breaks(service, audit, second) == [Break(ANCHORS, 2, "was told, and is not there")]
    forged = Anchor(1, b"x" * 32)
    assert breaks(service, forged) == [Break(ANCHORS, 1, "is not the one that was told")]
