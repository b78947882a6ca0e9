"""The cases: the only writer of their state, always together with history, check or referral, and event."""

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid5

from chassis import outbox
from chassis.postgres import Connection, as_json, columns
from contracts.base import Owner
from contracts.envelope import Outgoing, encode
from contracts.events.cases import CaseChange, CaseTransferred, WordsToReporter
from contracts.events.clocks import ClockState
from contracts.topics import CASEWORK
from prometheus_client import Counter

from casework.domain.case import Case
from casework.domain.records import Transition
from casework.store.checks import insert_checks
from casework.store.history import insert_transitions
from casework.store.referrals import upsert_referrals

FIELDS = ", ".join([*(name for name in Case.__dataclass_fields__ if name != "owner"), *Owner.__struct_fields__])
"""Of a case, as `Case.of` takes them."""
CHANGES = Counter("kmzb_casework_changes_total", "Changes of cases", ["change", "garrison"])


def lock_case(connection: Connection, report_id: UUID) -> Case | None:
    """The case, which nobody else changes until the transaction ends; None where there is none in sight."""
    row = connection.execute(
        f"select {FIELDS} from cases where report_id = %s for update",  # noqa: S608 (fixed words)
        (report_id,),
    ).fetchone()
    return Case.of(row) if row else None


def lock_cases_and_survivors(connection: Connection, report_ids: Iterable[UUID]) -> dict[UUID, Case]:
    """The cases of these reports that exist, and those they ended in, all locked in the order of their ids."""
    locked: dict[UUID, Case] = {}
    wanted = set(report_ids)
    while wanted:
        rows = connection.execute(
            f"select {FIELDS} from cases where report_id = any(%b) order by report_id for update",  # noqa: S608
            (sorted(wanted),),
        ).fetchall()
        locked |= {row["report_id"]: Case.of(row) for row in rows}
        wanted = {case.merged_into for case in locked.values() if case.merged_into} - locked.keys()
    return locked


def lock_survivor(connection: Connection, ending: UUID, surviving: str) -> Case | None:
    """The case named by `surviving` (number or report id), locked together with the ending one, in sight or not.

    None where there is no such case, or the ending one is out of sight. Both are locked in the order of their ids, so
    that of two mergers that cross each other none waits for the other.
    """
    row = connection.execute(
        f"select {FIELDS} from lock_survivor(%s, %s)",  # noqa: S608 (fixed words)
        (ending, surviving),
    ).fetchone()
    return Case.of(row) if row else None


def insert_cases(connection: Connection, openings: Sequence[Transition]) -> None:
    """Write new cases: state, history, event."""
    if not openings:
        return
    connection.execute(
        f"insert into cases ({FIELDS}) select {FIELDS}"  # noqa: S608 (fixed words)
        " from jsonb_populate_recordset(null::cases, %s::jsonb)",
        (as_json([opening.after.fields for opening in openings]),),
    )
    insert_transitions(connection, openings)
    insert_events(connection, openings)


def update_cases(connection: Connection, transitions: Sequence[Transition]) -> None:
    """Write transitions of locked cases: history, check, referral, state, event. Later ones of a case follow earlier.

    A transfer by an officer goes through `hand_over`, because it may take the case out of the officer's sight. Raises
    RuntimeError when a case is not at the version its transition was decided on.
    """
    if not transitions:
        return
    insert_transitions(connection, transitions)  # first: nothing can be added to the history of what is out of sight
    insert_checks(connection, transitions)
    upsert_referrals(connection, transitions)
    transfers = [change for change in transitions if isinstance(change.event, CaseTransferred)]
    by_officers = [transfer for transfer in transfers if transfer.officer]
    for transfer in by_officers:
        _hand_over(connection, transfer)
    _update_states(connection, [change for change in transitions if change not in by_officers])
    _update_owners(connection, [transfer for transfer in transfers if not transfer.officer])
    insert_events(connection, transitions)


def update_survivor(connection: Connection, transition: Transition, earlier: ClockState | None) -> None:
    """Write the transition of a case that another one, `absorbed`, ends in: state, history, event, and the `earlier`
    deadline it may have from now on. It may be out of the officer's sight.

    Raises RuntimeError when it is not at the version the transition was decided on, or the ending one is out of sight.
    """
    event = transition.event
    row = connection.execute(
        "select absorb(%s, %s, %s, %s, %s, %s::jsonb, %s::jsonb) as done",
        (transition.absorbed, event.report_id, event.supporters, event.running_since, event.changed_at)
        + (as_json(transition.entry), as_json(earlier) if earlier else None),
    ).fetchone()
    _require(bool(row and row["done"]))
    insert_events(connection, [transition])


def update_marks(connection: Connection, cases: Sequence[Case]) -> None:
    """Write the marks of what citizens said: what follows from it is the coordinator's to decide."""
    if cases:
        connection.execute(
            "update cases set contested = new.contested, answered = new.answered, withdrawn = new.withdrawn,"
            " erased = new.erased from unnest(%b::uuid[], %b::boolean[], %b::integer[], %b::boolean[], %b::boolean[])"
            " as new (report_id, contested, answered, withdrawn, erased) where cases.report_id = new.report_id",
            columns((case.report_id, case.contested, case.answered, case.withdrawn, case.erased) for case in cases),
        )


def _update_states(connection: Connection, transitions: Sequence[Transition]) -> None:
    """Write all but whose a case is, which officers' connections may not write."""
    if not transitions:
        return
    first = {change.event.report_id: change.event.version for change in reversed(transitions)}
    last = {change.event.report_id: change.after for change in transitions}
    rows = [{**case.fields, "decided_on": first[report_id] - 1} for report_id, case in last.items()]
    updated = connection.execute(
        "update cases set version = new.version, status = new.status, round = new.round, category = new.category,"
        " longitude = new.longitude, latitude = new.latitude, supporters = new.supporters,"
        " changed_at = new.changed_at, contested = new.contested, place_pending = new.place_pending,"
        " checks = new.checks, referrals = new.referrals, referral_id = new.referral_id, agency = new.agency,"
        " acknowledged = new.acknowledged, executor = new.executor, task_due_at = new.task_due_at,"
        " merged_into = new.merged_into, running_since = new.running_since, questions = new.questions,"
        " upheld_round = new.upheld_round"
        " from jsonb_array_elements(%s::jsonb) as row, jsonb_populate_record(null::cases, row) as new"
        " where cases.report_id = new.report_id and cases.version = (row ->> 'decided_on')::integer",
        (as_json(rows),),
    )
    _require(updated.rowcount == len(rows))


def _update_owners(connection: Connection, transfers: Sequence[Transition]) -> None:
    last = {change.event.report_id: change.after for change in transfers}
    if last:
        connection.execute(
            "update cases set garrison = new.garrison, unit = new.unit, unit_name = new.unit_name,"
            " station = new.station, beat = new.beat, district = new.district"
            " from jsonb_populate_recordset(null::cases, %s::jsonb) as new where cases.report_id = new.report_id",
            (as_json([case.fields for case in last.values()]),),
        )


def _hand_over(connection: Connection, transition: Transition) -> None:
    row = connection.execute(
        "select hand_over(%(report_id)s, %(version)s - 1, %(changed_at)s, %(garrison)s, %(unit)s, %(unit_name)s,"
        " %(station)s, %(beat)s, %(district)s) as done",
        transition.after.fields,
    ).fetchone()
    _require(bool(row and row["done"]))


def _require(done: bool) -> None:
    if not done:
        raise RuntimeError("a case changed although it was locked")


def insert_events(connection: Connection, transitions: Sequence[Transition]) -> None:
    """Append the events of transitions to the outbox, and count them once they are committed."""
    outbox.append(connection, [message for transition in transitions for message in _messages(transition)])
    for transition in transitions:
        event: CaseChange = transition.event
        connection.after_commit(CHANGES.labels(type(event).__name__, event.owner.garrison).inc)


def _messages(transition: Transition) -> list[Outgoing]:
    """What was written to the reporter, if anything, then the change itself, which no words are on."""
    event, cause = transition.event, transition.cause
    change = encode(
        event,
        source=CASEWORK,
        at=event.changed_at,
        event_id=uuid5(event.report_id, f"change/{event.version}"),
        submitted_at=event.submitted_at,
        traceparent=cause.traceparent if cause else None,
    )
    if transition.to_reporter is None:
        return [change]
    words = WordsToReporter(report_id=event.report_id, version=event.version, text=transition.to_reporter)
    event_id = uuid5(event.report_id, f"words/{event.version}")
    return [encode(words, source=CASEWORK, at=event.changed_at, event_id=event_id), change]
