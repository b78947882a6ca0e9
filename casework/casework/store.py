"""The cases: their state, locked, read and kept, each change together with its history and event; and their clocks."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from chassis.postgres import Connection
from contracts import cases
from contracts.base import Owner
from contracts.cases import CaseChange, Executor
from contracts.clocks import ClockEvent, ClockStopped, DeadlineApproaching, DeadlineEscalated, DeadlineMissed
from contracts.envelope import Envelope
from contracts.reports import TimeOfDay
from contracts.statuses import Status

from casework import history
from casework.access import Officer
from casework.changes import after
from casework.checks import SiteCheck
from casework.domain import Case


def claim(connection: Connection, officer: Officer) -> None:
    """Say who is asking, for this transaction only: row-level security decides by it."""
    for name, value in (("role", officer.role), ("garrison", officer.garrison), ("unit", officer.unit)):
        set_local(connection, f"kmzb.{name}", value or "")


def set_local(connection: Connection, name: str, value: str) -> None:
    """Set a value that row-level security reads, for this transaction only."""
    connection.execute("select set_config(%s, %s, true)", (name, value))


def lock_case(connection: Connection, report_id: UUID) -> Case | None:
    """The case, which nobody else changes until the transaction ends; None where there is none in sight."""
    row = connection.execute("select * from cases where report_id = %s for update", (report_id,)).fetchone()
    return as_case(row) if row else None


def lock_cases_and_survivors(connection: Connection, report_ids: Iterable[UUID]) -> dict[UUID, Case]:
    """The cases of these reports that exist, and those they ended in, all locked in the order of their ids."""
    locked: dict[UUID, Case] = {}
    wanted = set(report_ids)
    while wanted:
        rows = connection.execute(
            "select * from cases where report_id = any(%b) order by report_id for update", (sorted(wanted),)
        ).fetchall()
        locked |= {row["report_id"]: as_case(row) for row in rows}
        wanted = {case.merged_into for case in locked.values() if case.merged_into} - locked.keys()
    return locked


def read_checks(connection: Connection, report_id: UUID) -> list[SiteCheck]:
    """The checks on site of all cycles, in the order they were recorded."""
    rows = connection.execute(
        "select number, round, checked_at, finding from site_check where report_id = %s order by number",
        (report_id,),
    ).fetchall()
    return [SiteCheck(**row) for row in rows]


def record_check(
    connection: Connection, case: Case, event: cases.CheckRecorded, officer: str, note: str | None
) -> None:
    """Keep a check on site with who made it and their words, which the event does not carry."""
    connection.execute(
        "insert into site_check (report_id, number, round, checked_at, officer, finding, note)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (event.report_id, event.number, case.round, event.checked_at, officer, event.finding, note),
    )


def open_cases(connection: Connection, opened: Sequence[tuple[Case, cases.CaseOpened, Envelope | None]]) -> None:
    """Write new cases: state, history, event."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into cases (report_id, number, version, status, round, category, longitude, latitude, garrison,"
            " unit, unit_name, station, beat, district, supporters, submitted_at, changed_at, occurred_at, weekdays,"
            " time_of_day) values (%(report_id)s, %(number)s, %(version)s, %(status)s, %(round)s, %(category)s,"
            " %(longitude)s, %(latitude)s, %(garrison)s, %(unit)s, %(unit_name)s, %(station)s, %(beat)s,"
            " %(district)s, %(supporters)s, %(submitted_at)s, %(changed_at)s, %(occurred_at)s,"
            " %(weekdays)s::smallint[], %(time_of_day)s)",
            [_columns(case) for case, _, _ in opened],
        )
    history.tell(connection, [history.Made(case, event, cause=cause) for case, event, cause in opened])


def keep(connection: Connection, made: Sequence[history.Made]) -> None:
    """Write changes of locked cases: history, state, referral, event. Later ones of a case build on earlier ones.

    Raises RuntimeError when a case is not at the version a change was decided on.
    """
    history.tell(connection, made)
    for each in made:
        _note_referral(connection, each.event)
    with connection.cursor() as cursor:
        cursor.executemany(
            "update cases set version = %(version)s, status = %(status)s, round = %(round)s, category = %(category)s,"
            " longitude = %(longitude)s, latitude = %(latitude)s, supporters = %(supporters)s,"
            " changed_at = %(changed_at)s, contested = %(contested)s, place_pending = %(place_pending)s,"
            " checks = %(checks)s,"
            " referrals = %(referrals)s, referral_id = %(referral_id)s, agency = %(agency)s,"
            " acknowledged = %(acknowledged)s, executor = %(executor)s, task_due_at = %(task_due_at)s,"
            " merged_into = %(merged_into)s where report_id = %(report_id)s and version = %(version)s - 1",
            [_columns(after(each.before, each.event)) for each in made],
        )
        if made and cursor.rowcount != len(made):
            raise RuntimeError("a case changed although it was locked")


def hand_over(connection: Connection, made: history.Made) -> None:
    """Give a case the officer sees to another owner. It may be out of the officer's sight afterwards."""
    history.tell(connection, [made])  # first, because nothing can be added to the history of what is out of sight
    to = _columns(after(made.before, made.event))
    row = connection.execute(
        "select hand_over(%(report_id)s, %(version)s - 1, %(changed_at)s, %(garrison)s, %(unit)s, %(unit_name)s,"
        " %(station)s, %(beat)s, %(district)s) as done",
        to,
    ).fetchone()
    if not row or not row["done"]:
        raise RuntimeError("a case changed although it was locked")


def rehome(connection: Connection, made: Sequence[history.Made]) -> None:
    """Write who answers after transfers that routing caused; `keep` has written the rest."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "update cases set garrison = %(garrison)s, unit = %(unit)s, unit_name = %(unit_name)s,"
            " station = %(station)s, beat = %(beat)s, district = %(district)s where report_id = %(report_id)s",
            [_columns(after(each.before, each.event)) for each in made],
        )


def absorb(connection: Connection, ending: UUID, surviving: str, officer: Officer) -> Case | None:
    """Lock two cases and add one's reports to the other, which may be out of sight. None if the other is not open."""
    row = connection.execute(
        "select * from absorb(%s, %s, %s, %s)", (ending, surviving, officer.role, officer.subject)
    ).fetchone()
    return as_case(row) if row else None


def keep_clocks(connection: Connection, heard: Sequence[ClockEvent]) -> None:
    """Add what the monitor says to each clock, for officers to see what is due: any order, any number of repeats."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into clock (report_id, clock, cycle, started_at, due_at, warned, missed, escalated_to, stopped_at,"
            " outcome) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (report_id, clock, cycle)"
            " do update set started_at = least(clock.started_at, excluded.started_at),"
            " due_at = least(clock.due_at, excluded.due_at), warned = clock.warned or excluded.warned,"
            " missed = clock.missed or excluded.missed,"
            # "headquarters" comes after "garrison" in the alphabet too.
            " escalated_to = greatest(clock.escalated_to, excluded.escalated_to),"
            " stopped_at = least(clock.stopped_at, excluded.stopped_at),"
            " outcome = least(clock.outcome, excluded.outcome)",  # "met", which withdraws a miss, before "missed"
            [
                (
                    event.report_id,
                    event.clock,
                    event.cycle,
                    event.started_at,
                    event.due_at,
                    isinstance(event, DeadlineApproaching),
                    isinstance(event, DeadlineMissed),
                    event.to if isinstance(event, DeadlineEscalated) else None,
                    event.stopped_at if isinstance(event, ClockStopped) else None,
                    event.outcome if isinstance(event, ClockStopped) else None,
                )
                for event in sorted(heard, key=lambda event: (event.report_id, event.clock, event.cycle))
            ],
        )


def as_case(row: dict[str, Any]) -> Case:
    """A row of `cases`, with all its columns."""
    known = {name: row[name] for name in Case.__dataclass_fields__ if name in row}
    known |= {
        "status": Status(row["status"]),
        "owner": Owner(**{name: row[name] for name in Owner.__struct_fields__}),
        "weekdays": tuple(row["weekdays"]),
        "time_of_day": TimeOfDay(row["time_of_day"]) if row["time_of_day"] else None,
        "executor": Executor(row["executor"]) if row["executor"] else None,
    }
    return Case(**known)


def _columns(case: Case) -> dict[str, Any]:
    own = {name: getattr(case, name) for name in Case.__dataclass_fields__ if name != "owner"}
    return own | msgspec.structs.asdict(case.owner) | {"weekdays": list(case.weekdays)}


def _note_referral(connection: Connection, event: CaseChange) -> None:
    match event:
        case cases.CaseReferred():
            connection.execute(
                "insert into referral (referral_id, report_id, number, agency, made_at) values (%s, %s, %s, %s, %s)",
                (event.referral_id, event.report_id, event.referral, event.agency, event.changed_at),
            )
        case cases.CaseAcknowledged():
            connection.execute(
                "update referral set acknowledged_at = %s where referral_id = %s", (event.changed_at, event.referral_id)
            )
        case cases.CaseReturned() | cases.CaseEliminated() | cases.CasesMerged():
            outcome = "declined" if isinstance(event, cases.CaseReturned) and event.declined else type(event).__name__
            connection.execute(
                "update referral set ended_at = %s, outcome = %s where report_id = %s and ended_at is null",
                (event.changed_at, outcome, event.report_id),
            )
