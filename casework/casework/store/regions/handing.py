"""Hands a case over to another instance: its last change here, its whole state, its words once more; and lets it go."""

from collections.abc import Collection
from typing import Any
from uuid import UUID, uuid5

from chassis import outbox
from chassis.postgres import Connection
from contracts.envelope import Outgoing, encode
from contracts.events.cases import CaseTransferred
from contracts.events.regions.handovers import AppliedFollowUp, CaseHandedOver, HandedCheck, HandedReferral
from contracts.events.reports import FollowUpWords, ReportContent
from contracts.topics import CASEWORK

from casework.domain.case import Case
from casework.domain.records import Transition
from casework.domain.regions.handed import handed_over
from casework.store.cases import insert_events
from casework.store.history import insert_transitions


def list_absorbing(connection: Connection, report_ids: Collection[UUID]) -> set[UUID]:
    """Those of these cases that other ones ended in, in whosever sight."""
    if not report_ids:
        return set()
    rows = connection.execute(
        "select report_id from unnest(%b::uuid[]) as report_id where others_ended_in(report_id)", (sorted(report_ids),)
    ).fetchall()
    return {row["report_id"] for row in rows}


def insert_hand_over(connection: Connection, transition: Transition, to: str) -> None:
    """Write the transfer of a locked case to the instance `to`, and tell that one all it needs.

    Raises as `insert_departure`.
    """
    event = transition.event
    assert isinstance(event, CaseTransferred)
    state = _read_state(connection, transition.after, event, to)
    said = [*_read_words(connection, state), encode(state, **_context(state, "hand-over"))]
    insert_departure(connection, transition, to)
    outbox.append(connection, said)


def insert_departure(connection: Connection, transition: Transition, to: str) -> None:
    """Write the transfer of a locked case: history, event, and that the case is not here now but at the instance `to`.

    Raises RuntimeError when the case is not at the version the transfer was decided on, or is not the officer's to
    pass on.
    """
    event = transition.event
    insert_transitions(connection, [transition])  # first: nothing can be added to the history of what is out of sight
    row = connection.execute("select give_up(%s, %s, %s) as done", (event.report_id, event.version - 1, to)).fetchone()
    if not row or not row["done"]:
        raise RuntimeError("a case changed although it was locked")
    insert_events(connection, [transition])


def _read_state(connection: Connection, after: Case, event: CaseTransferred, to: str) -> CaseHandedOver:
    of_report = (event.report_id,)
    checks = connection.execute(
        "select number, round, checked_at, finding from site_check where report_id = %s order by number", of_report
    ).fetchall()
    referrals = connection.execute(
        "select referral_id, number, agency, made_at, acknowledged_at, ended_at, outcome, responsible_agency"
        " from referral where report_id = %s order by number",
        of_report,
    ).fetchall()
    follow_ups = connection.execute(
        "select kind, sender, said_at, cause from follow_ups_to_hand_over(%s)", of_report
    ).fetchall()
    return handed_over(
        after,
        event,
        to,
        [HandedCheck(**row) for row in checks],
        [HandedReferral(**row) for row in referrals],
        [AppliedFollowUp(**row) for row in follow_ups],
    )


def _read_words(connection: Connection, state: CaseHandedOver) -> list[Outgoing]:
    """What citizens wrote, to be said again: whoever answers for other garrisons has forgotten it by now."""
    rows = connection.execute(
        "select follow_up, text, photos from words_to_hand_over(%s)", (state.report_id,)
    ).fetchall()
    said = []
    for row in rows:
        words: ReportContent | FollowUpWords
        if row["follow_up"] is None:
            words = ReportContent(report_id=state.report_id, description=row["text"], photos=tuple(row["photos"]))
        else:
            words = FollowUpWords(report_id=state.report_id, follow_up=row["follow_up"], text=row["text"])
        said.append(encode(words, **_context(state, f"words/{words.key}")))
    return said


def _context(state: CaseHandedOver, what: str) -> dict[str, Any]:
    return {
        "source": CASEWORK,
        "at": state.changed_at,
        "event_id": uuid5(state.report_id, f"{what}/{state.version}"),
        "submitted_at": state.submitted_at,
    }
