"""Takes in cases that another instance handed over, and forgets what is read of reports that stay another's."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from chassis.postgres import Connection, as_json
from contracts.events.regions.handovers import CaseHandedOver
from contracts.policy.terms import Policy

from casework.domain.regions.handed import NOT_HERE, entry, received
from casework.domain.reports import RecordedFollowUp
from casework.store.cases import FIELDS
from casework.store.follow_ups import upsert_follow_ups

_KEPT_FOR = timedelta(days=7)
_SOME = 5_000


def upsert_received(connection: Connection, events: Sequence[CaseHandedOver], terms: Policy) -> None:
    """Write handed-over cases whose reports are locked; what has been taken in before stays as it is."""
    for event in events:
        # Its history is kept, also where the case has gone on to another instance since.
        known = "select from history where report_id = %s and version >= %s limit 1"
        if connection.execute(known, (event.report_id, event.version)).rowcount:
            continue
        connection.execute("update report set handed_to = null where report_id = %s", (event.report_id,))
        connection.execute("insert into claimed_number values (%s) on conflict do nothing", (event.case_number,))
        connection.execute(
            f"insert into cases ({FIELDS}) select {FIELDS}"  # noqa: S608 (fixed words)
            " from jsonb_populate_recordset(null::cases, %s::jsonb)",
            (as_json([received(event, terms).fields]),),
        )
        connection.execute(
            "insert into history (report_id, version, what, at, role, detail)"
            " select report_id, version, what, at, role, detail from jsonb_populate_record(null::history, %s::jsonb)",
            (as_json(entry(event)),),
        )
        _insert_beside(connection, event)
        said = [
            RecordedFollowUp(
                report_id=event.report_id, kind=f.kind, sender=f.sender, said_at=f.said_at, cause=f.cause, applied=True
            )
            for f in event.follow_ups
        ]
        upsert_follow_ups(connection, said)


def delete_elsewhere(connection: Connection, is_ours: Callable[[str, datetime], bool]) -> int:
    """Forget words and what citizens said of reports that are another instance's, seven days after they were read;
    returns of how many reports. `is_ours` says it of a garrison and of when a report was sent.
    """
    rows = connection.execute(
        "select report_id, garrison, submitted_at from report where routed is not null and submitted_at < now() - %s"
        " and handed_to is null and not exists (select from cases where cases.report_id = report.report_id)"
        " order by report_id limit %s for update skip locked",
        (_KEPT_FOR, _SOME),
    ).fetchall()
    others = [row["report_id"] for row in rows if not is_ours(row["garrison"], row["submitted_at"])]
    connection.execute("delete from follow_up where report_id = any(%b::uuid[])", (others,))
    connection.execute("delete from report where report_id = any(%b::uuid[])", (others,))
    # What is said again by who hands over comes to no row, or to that of a case that has gone.
    connection.execute(
        "delete from words where since < now() - %s and not erased"
        " and not exists (select from cases where cases.report_id = words.report_id) and not exists"
        " (select from report where report.report_id = words.report_id and handed_to is null)",
        (_KEPT_FOR,),
    )
    connection.execute(
        "delete from follow_up_words as said where since < now() - %s"
        " and not exists (select from cases where cases.report_id = said.report_id) and not exists"
        " (select from report where report.report_id = said.report_id and handed_to is null)",
        (_KEPT_FOR,),
    )
    return len(others)


def _insert_beside(connection: Connection, event: CaseHandedOver) -> None:
    connection.execute(
        "insert into site_check (report_id, number, round, checked_at, officer, finding)"
        " select %s, number, round, checked_at, %s, finding from jsonb_populate_recordset(null::site_check, %s::jsonb)"
        " on conflict do nothing",
        (event.report_id, NOT_HERE, as_json(list(event.checks))),
    )
    connection.execute(
        "insert into referral (referral_id, report_id, number, agency, made_at, acknowledged_at, ended_at, outcome,"
        " responsible_agency) select referral_id, %s, number, agency, made_at, acknowledged_at, ended_at, outcome,"
        " responsible_agency from jsonb_populate_recordset(null::referral, %s::jsonb) on conflict do nothing",
        (event.report_id, as_json(list(event.referrals))),
    )
