"""The audit as operators ask it: whether it is whole, and who read what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from chassis.postgres import Connection

from casework.domain.audit.chains import ANCHORS, Break, Head, Link, Row, anchored_heads, chain_breaks

EARLIEST_DAY = date(2000, 1, 1)
_AT_ONCE = 1000
_CHAINS = (
    "select chain, entry.number, entry.record, entry.hash, chain.entries as head_number, chain.hash as head_hash"
    " from audit.chain full join audit.entry using (chain) where chain >= %s order by chain, entry.number"
)
_ANCHORS = "select number, record, hash from audit.anchor order by number"


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is: records in chains, and anchors."""

    records: int
    chains: int
    anchors: int


def count_audit(connection: Connection) -> Extent:
    """How much there is to look at."""
    row = connection.execute(
        "select (select count(*) from audit.entry) as records, (select count(*) from audit.chain) as chains,"
        " (select count(*) from audit.anchor) as anchors"
    ).fetchone()
    assert row is not None
    return Extent(**row)


def read_breaks(connection: Connection, told: Mapping[int, bytes], since: date = EARLIEST_DAY) -> Iterator[Break]:
    """Where the audit is not whole; `told` are anchors as they were told elsewhere, by number.

    Chains of days before `since` are not looked at: whoever keeps records for some years only removes whole days.

    Read in one snapshot: ask first in the transaction, and read to the end before it ends.
    """
    connection.execute("set transaction isolation level repeatable read, read only")
    yield from chain_breaks(_rows(connection, since))
    yield from _anchor_breaks(connection, told, since)


def list_readings(
    connection: Connection, *, report_id: UUID | None, officer: str | None, limit: int
) -> list[dict[str, Any]]:
    """The newest readings of a report's case, by an officer, or both: `chain`, `number` and `record`, newest first."""
    return connection.execute(
        "select chain, number, record from audit.entry"
        " where (%(report_id)s::uuid is null or report_id = %(report_id)s)"
        " and (%(officer)s::text is null or officer = %(officer)s)"
        " order by record::jsonb ->> 'at' desc, chain desc, number desc limit %(limit)s",
        {"report_id": report_id, "officer": officer, "limit": limit},
    ).fetchall()


def find_report(connection: Connection, number: str) -> UUID | None:
    """The report whose case has this number."""
    row = connection.execute("select report_id from cases where number = %s", (number.upper(),)).fetchone()
    return row["report_id"] if row else None


def _rows(connection: Connection, since: date) -> Iterator[Row]:
    for row in _streamed(connection, "chains", _CHAINS, since.isoformat()):
        link = None if row["number"] is None else Link(row["number"], row["record"], row["hash"])
        head = None if row["head_number"] is None else Head(row["head_number"], row["head_hash"])
        yield Row(row["chain"], link, head)


def _anchor_breaks(connection: Connection, told: Mapping[int, bytes], since: date) -> Iterator[Break]:
    missing = dict(told)
    newest = connection.execute("select number, hash from audit.anchor order by number desc limit 1").fetchone()
    head = Head(newest["number"], newest["hash"]) if newest else None

    def rows() -> Iterator[Row]:
        for row in _streamed(connection, "anchors", _ANCHORS):
            yield Row(ANCHORS, Link(row["number"], row["record"], row["hash"]), head)

    yield from chain_breaks(rows())
    for row in _streamed(connection, "anchored", _ANCHORS):
        if row["hash"] != missing.pop(row["number"], row["hash"]):
            yield Break(ANCHORS, row["number"], "is not the one that was told")
        yield from _unreached(connection, row["number"], row["record"], since)
    for number in sorted(missing):
        yield Break(ANCHORS, number, "was told, and is not there")


def _unreached(connection: Connection, number: int, record: str, since: date) -> Iterator[Break]:
    """The chains of which an anchor knows a record that is not there, or another one."""
    try:
        heads = {chain: head for chain, head in anchored_heads(record).items() if chain >= since.isoformat()}
    except ValueError:
        yield Break(ANCHORS, number, "is none")
        return
    found = connection.execute(
        "select chain, number, hash from audit.entry"
        " join unnest(%b::text[], %b::bigint[]) as told (chain, number) using (chain, number)",
        (list(heads), [head.number for head in heads.values()]),
    ).fetchall()
    there = {row["chain"]: Head(row["number"], row["hash"]) for row in found}
    for chain, head in sorted(heads.items()):
        if there.get(chain) != head:
            what = "is another than" if chain in there else "is not there, but was when"
            yield Break(chain, head.number, f"{what} anchor {number} was made")


def _streamed(connection: Connection, name: str, query: str, *values: str) -> Iterator[dict[str, Any]]:
    with connection.cursor(name=name) as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(query.encode(), values)
        yield from cursor
