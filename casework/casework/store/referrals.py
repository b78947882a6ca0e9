"""Referrals to other agencies: a row each, from the change that makes one to the change that ends it."""

from collections.abc import Sequence
from uuid import UUID

from chassis.postgres import Connection, columns
from contracts.events import cases

from casework.domain.records import Transition


def upsert_referrals(connection: Connection, transitions: Sequence[Transition]) -> None:
    """Write what the transitions make of referrals: made, acknowledged or ended, in their order."""
    for transition in transitions:
        match transition.event:
            case cases.CaseReferred() as event:
                connection.execute(
                    "insert into referral (referral_id, report_id, number, agency, made_at)"
                    " values (%s, %s, %s, %s, %s)",
                    (event.referral_id, event.report_id, event.referral, event.agency, event.changed_at),
                )
            case cases.CaseAcknowledged() as event:
                connection.execute(
                    "update referral set acknowledged_at = %s where referral_id = %s",
                    (event.changed_at, event.referral_id),
                )
            case cases.CaseReturned() | cases.CaseEliminated() | cases.CasesMerged() as event:
                declined = isinstance(event, cases.CaseReturned) and event.declined
                connection.execute(
                    "update referral set ended_at = %s, outcome = %s where report_id = %s and ended_at is null",
                    (event.changed_at, "declined" if declined else type(event).__name__, event.report_id),
                )


def read_agencies_asked(connection: Connection, referral_ids: Sequence[UUID]) -> dict[tuple[UUID, UUID], str]:
    """The agency each of these referrals was made to, by referral and report. What was never made is not there."""
    if not referral_ids:
        return {}
    rows = connection.execute(
        "select referral_id, report_id, agency from referral where referral_id = any(%b)", (referral_ids,)
    ).fetchall()
    return {(row["referral_id"], row["report_id"]): row["agency"] for row in rows}


def update_responsible_agencies(connection: Connection, named: Sequence[tuple[UUID, str]]) -> None:
    """Write whom agencies that declined named instead, by referral; the first name given stays."""
    first = dict(reversed(named))
    if first:
        connection.execute(
            "update referral set responsible_agency = new.name from unnest(%b::uuid[], %b::text[]) as new (id, name)"
            " where referral_id = new.id and responsible_agency is null",
            columns(first.items()),
        )
