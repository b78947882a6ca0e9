"""What services' own databases say of a report: what waits to be published, and what became of its notices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import psycopg
from chassis.settings import Settings
from deploy.stack.databases import DATABASES
from deploy.stack.process import StackError
from psycopg.rows import class_row

from operations.consumption.members import elsewhere, own_member
from operations.dead_letters.blocked_keys import dsn_of

_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Unpublished:
    """Events of a report that a service has decided and not published: how many, and since when the oldest waits."""

    service: str
    events: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One notice about the report, as the notifier's ledger has it."""

    kind: str
    audience: str
    recipient: str | None
    channel: str
    decided_at: datetime
    state: str
    ended_at: datetime | None
    attempts: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """`unasked` are the services whose databases could not be asked: what they would have said is not known."""

    unpublished: list[Unpublished]
    ledger: list[LedgerEntry]
    unasked: list[str]


def stored_facts(
    settings: Settings, addresses: Mapping[str, str], report_id: UUID, members: Iterable[str]
) -> StoredFacts:
    """Ask every database that is known and answers; of `members` those that are another instance's are not known."""
    facts = StoredFacts([], [], [member for member in members if member in elsewhere(settings)])
    for database in DATABASES:
        own = own_member(settings, database.service)
        try:
            dsn = dsn_of(database.service, addresses)
            with psycopg.connect(dsn or "", connect_timeout=_SECONDS) as connection:
                if waiting := _unpublished(connection, own, report_id):
                    facts.unpublished.append(waiting)
                if database.package == "notifier":
                    facts.ledger.extend(_ledger(connection, report_id))
        except (StackError, psycopg.Error):
            facts.unasked.append(own)
    return facts


def _unpublished(connection: psycopg.Connection, service: str, report_id: UUID) -> Unpublished | None:
    query: LiteralString = (
        "select count(*), coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float from outbox"
        " where key = %b or left(convert_from(key, 'UTF8'), 37) = %s"
    )
    row = connection.execute(query, (str(report_id).encode(), f"{report_id}/")).fetchone()
    return Unpublished(service, *row) if row and row[0] else None


def _ledger(connection: psycopg.Connection, report_id: UUID) -> list[LedgerEntry]:
    query: LiteralString = (
        "select kind, audience, recipient, channel, decided_at, state, ended_at, attempts, reason from ledger"
        " where report_id = %s order by decided_at, notice_id"
    )
    with connection.cursor(row_factory=class_row(LedgerEntry)) as cursor:
        return cursor.execute(query, (report_id,)).fetchall()
