"""What the notifier asks its own tables about reports and notices. Functions take a connection and never commit."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from chassis.postgres import Connection, columns
from contracts.notices import Audience, Channel

from notifier.notices import Addressed, Notice, Withdrawal
from notifier.reports import Contact, Report

_NEWS = msgspec.json.Decoder(Notice)


def reports(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Report]:
    """What is known of reports, each locked until the transaction ends; of a new one nothing is known."""
    wanted = sorted(set(ids))
    connection.execute(
        "insert into report (report_id) select * from unnest(%b::uuid[]) on conflict do nothing", (wanted,)
    )
    rows = connection.execute(
        "select * from report where report_id = any(%b::uuid[]) order by report_id for update", (wanted,)
    )
    return {row["report_id"]: _report(row) for row in rows}


def save(connection: Connection, known: Iterable[Report]) -> None:
    """Remember what is known now of reports that `reports` locked."""
    values = columns(_columns_of(report) for report in known)
    if not values:
        return
    connection.execute(
        "update report set exists = new.exists, category = new.category, case_number = new.case_number,"
        " unit = new.unit, unit_name = new.unit_name, version = new.version, closed = new.closed, news = new.news,"
        " contact_sealed = new.sealed, contact_language = new.language, contact_cause = new.cause,"
        " contact_left_at = new.left_at, contact_confirmed_at = new.confirmed_at,"
        " contact_erased_at = case when new.erased then coalesce(report.contact_erased_at, now()) end"
        " from unnest(%b::uuid[], %b::boolean[], %b::text[], %b::text[], %b::text[], %b::text[], %b::integer[],"
        " %b::boolean[], %b::text[], %b::text[], %b::text[], %b::uuid[], %b::timestamptz[], %b::timestamptz[],"
        " %b::boolean[])"
        " as new (report_id, exists, category, case_number, unit, unit_name, version, closed, news, sealed, language,"
        " cause, left_at, confirmed_at, erased)"
        " where report.report_id = new.report_id",
        values,
    )


def enter(connection: Connection, addressed: Sequence[Addressed]) -> set[UUID]:
    """Enter notices in the ledger; returns the ids of those that are new. One withdrawn beforehand is never sent."""
    values = columns(
        (each.notice.report_id, each.id, each.notice.cause, each.notice.matter.value, each.notice.audience.value)
        + (each.notice.recipient, each.channel.value, each.notice.digest, each.notice.version)
        + (msgspec.json.encode(each.notice.facts).decode(), each.due_at)
        for each in addressed
    )
    if not values:
        return set()
    entered = connection.execute(
        "insert into notice (report_id, notice_id, cause, matter, audience, recipient, channel, digest, version, facts,"
        " due_at, dropped)"
        " select new.*, (select 'withdrawn' from withdrawn where step = new.cause)"
        " from unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[],"
        " %b::boolean[], %b::integer[], %b::text[], %b::timestamptz[])"
        " as new (report_id, notice_id, cause, matter, audience, recipient, channel, digest, version, facts, due_at)"
        " on conflict do nothing returning notice_id",
        values,
    )
    return {row["notice_id"] for row in entered}


def withdraw(connection: Connection, taken_back: Sequence[Withdrawal], moment: datetime) -> list[Addressed]:
    """Drop what was not told of these steps, now and later; returns the corrections owed to those told of a miss."""
    steps = sorted({step for each in taken_back for step in each.steps})
    if not steps:
        return []
    _keep_from_leaving(connection)
    connection.execute("insert into withdrawn select * from unnest(%b::uuid[]) on conflict do nothing", (steps,))
    connection.execute(
        "update notice set dropped = 'withdrawn' where cause = any(%b::uuid[]) and delivery_id is null"
        " and dropped is null",
        (steps,),
    )
    # A message to be tried again that tells of something else too goes out with a line too many.
    connection.execute(
        "update delivery set state = 'dropped', ended_at = now(), reason = 'withdrawn'"
        " where state = 'pending' and not maybe_arrived"
        " and delivery_id in (select delivery_id from notice where cause = any(%(steps)b::uuid[]))"
        " and not exists (select from notice where notice.delivery_id = delivery.delivery_id"
        " and cause <> all(%(steps)b::uuid[]))",
        {"steps": steps},
    )
    corrections = {step: each.correction for each in taken_back for step in each.steps[1:] if each.correction}
    told = connection.execute(
        "select cause, notice.audience, notice.recipient, notice.channel from notice join delivery using (delivery_id)"
        " where cause = any(%b::uuid[]) and notice.dropped is null and state not in ('dropped', 'failed')"
        " order by notice_id",
        (sorted(corrections),),
    )
    return [
        Addressed(
            replace(corrections[row["cause"]], audience=Audience(row["audience"]), recipient=row["recipient"]),
            Channel(row["channel"]),
            moment,
        )
        for row in told
    ]


def record_sent(connection: Connection, told: Sequence[Addressed]) -> None:
    """Record notices that this transaction itself puts on a topic: they are delivered with it."""
    for each in told:
        connection.execute(
            "insert into delivery (delivery_id, channel, audience, recipient, report_id, matter, state, attempt,"
            " ended_at) values (%s, %s, %s, %s, %s, %s, 'sent', 1, now())",
            (
                each.id,
                each.channel.value,
                each.notice.audience.value,
                each.notice.recipient,
                each.notice.report_id,
                each.notice.matter.value,
            ),
        )
    ids = [each.id for each in told]
    connection.execute("update notice set delivery_id = notice_id where notice_id = any(%b::uuid[])", (ids,))


def drop_citizens(connection: Connection, ids: Iterable[UUID]) -> None:
    """Send nothing more to the citizens of these reports."""
    wanted = sorted(ids)
    _keep_from_leaving(connection)
    connection.execute(
        "update notice set dropped = 'erased' where report_id = any(%b::uuid[]) and audience = 'citizen'"
        " and dropped is null and delivery_id is null",
        (wanted,),
    )
    connection.execute(
        "update delivery set state = 'dropped', ended_at = now(), reason = 'erased'"
        " where report_id = any(%b::uuid[]) and audience = 'citizen' and state = 'pending'",
        (wanted,),
    )


def finished_contacts(connection: Connection, confirm_within: timedelta) -> list[UUID]:
    """Reports whose contact has served: never confirmed in time, or the case closed and the outcome told."""
    rows = connection.execute(
        "select report_id from report where contact_sealed is not null and ("
        " contact_confirmed_at is null and (closed or contact_left_at < now() - %s)"
        " or contact_confirmed_at is not null and closed and not exists (select from notice"
        "  left join delivery using (delivery_id) where notice.report_id = report.report_id"
        "  and notice.audience = 'citizen' and notice.dropped is null"
        "  and (delivery.state is null or delivery.state in ('pending', 'sending'))))"
        " order by report_id limit 500",
        (confirm_within,),
    )
    return [row["report_id"] for row in rows]


def _keep_from_leaving(connection: Connection) -> None:
    """No notice becomes a message until this transaction ends."""
    connection.execute("select pg_advisory_xact_lock_shared(hashtext('gather'))")


def _columns_of(report: Report) -> tuple[Any, ...]:
    news = msgspec.json.encode(report.news).decode() if report.news else None
    contact, erased = report.contact or Contact(), report.contact is not None and report.contact.erased
    return (
        (report.report_id, report.exists, report.category, report.case_number, report.unit, report.unit_name)
        + (report.version, report.closed, news, contact.sealed, contact.language, contact.cause)
        + (contact.left_at, contact.confirmed_at, erased)
    )


def _report(row: dict[str, Any]) -> Report:
    contact = None
    if row["contact_sealed"] is not None or row["contact_erased_at"] is not None:
        contact = Contact(
            sealed=row["contact_sealed"],
            language=row["contact_language"],
            cause=row["contact_cause"],
            left_at=row["contact_left_at"],
            confirmed_at=row["contact_confirmed_at"],
        )
    fields = ("report_id", "exists", "category", "case_number", "unit", "unit_name", "version", "closed")
    news = _NEWS.decode(row["news"]) if row["news"] else None
    return Report(**{field: row[field] for field in fields}, news=news, contact=contact)
