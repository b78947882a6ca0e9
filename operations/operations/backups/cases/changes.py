"""The changes of cases that a casework had written, and the cases that other instances had handed over to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from casework.domain.case import Case, apply
from casework.domain.records import Transition
from casework.domain.regions.handed import leaves, written_here
from casework.domain.reports import Submission, new_case
from casework.store.cases import insert_cases, lock_cases_and_survivors, update_cases
from casework.store.regions.handing import insert_departure, insert_hand_over
from casework.store.regions.receiving import upsert_received
from casework.store.reports import lock_reports
from chassis.postgres import Connection
from contracts.envelope import Envelope
from contracts.events.cases import CaseChange, CasesMerged, CaseSupported, CaseTransferred, CheckRecorded
from contracts.events.regions.handovers import CaseHandedOver
from contracts.policy.regions import Region
from contracts.policy.terms import Policy
from contracts.topics import CASE_CHANGED
from deploy.stack.process import StackError

NOBODY = UUID(int=0)
NOT_KNOWN = "not known: between backup and loss"
"""Stands for the officer of a check that the log alone tells of."""


@dataclass(frozen=True, slots=True)
class Log:
    """What was said since the backup. `changes` are all instances' on `case-changed`, `handed` the reports and versions
    that any had handed over, `received` what was handed over to this one, `causes` what each followed from, by trace.
    """

    changes: Sequence[Envelope]
    handed: frozenset[tuple[UUID, int]]
    received: Sequence[CaseHandedOver]
    causes: Mapping[str, Envelope]


class Store:
    """The instance's store while the changes it lacks are applied to it."""

    def __init__(self, connection: Connection, region: Region, log: Log, terms: Policy) -> None:
        said = [(e.data, e.traceparent) for e in log.changes if isinstance(e.data, CaseChange)]
        own = [(change, trace) for change, trace in said if written_here(region, change)]
        self._connection, self._region, self._log, self._terms = connection, region, log, terms
        self._waiting: list[CaseChange | CaseHandedOver] = [*log.received, *(change for change, _ in own)]
        self._causes = {(each.report_id, each.version): log.causes.get(trace or "") for each, trace in own}
        self._mergers = {each.report_id: each.actor for each, _ in own if isinstance(each, CasesMerged)}
        report_ids = {each.report_id for each in self._waiting}
        self._cases = lock_cases_and_survivors(connection, report_ids)
        # Of a case that has gone to another instance the history is still here.
        self._versions = _versions(connection, report_ids)

    def apply(self) -> list[Transition]:
        """Apply them, each to the version before it, in whichever order they were written; gives the changes.

        Raises StackError where one between is neither on the log nor in the backup.
        """
        applied: list[Transition] = []
        while self._waiting:
            least: dict[UUID, int] = {}
            for each in self._waiting:
                least[each.report_id] = min(each.version, least.get(each.report_id, each.version))
            for each in self._waiting:
                if each.version == least[each.report_id] > self._versions.get(each.report_id, 0):
                    self._versions[each.report_id] = each.version
                    if isinstance(each, CaseHandedOver):
                        self._receive(each)
                    else:
                        applied.append(self._change(each))
            self._waiting = [each for each in self._waiting if each.version > least[each.report_id]]
        return applied

    def _receive(self, event: CaseHandedOver) -> None:
        lock_reports(self._connection, [event.report_id])
        upsert_received(self._connection, [event], self._terms)
        self._cases |= lock_cases_and_survivors(self._connection, [event.report_id])

    def _change(self, event: CaseChange) -> Transition:
        case = self._cases.get(event.report_id)
        if event.version != (case.version if case else 0) + 1:
            raise StackError(
                f"{event.report_id}: version {event.version} is on {CASE_CHANGED.name}, and the one before is neither"
                " there nor in the backup"
            )
        change = _transition(case or _opened(self._connection, event, self._terms), event)
        cause, role = self._causes[event.report_id, event.version], self._mergers.get(change.absorbed or NOBODY)
        change = replace(change, cause=cause, role=role)
        if isinstance(event, CaseTransferred) and leaves(self._region, event):
            self._hand_over(change, event)
            del self._cases[event.report_id]
        else:
            (update_cases if case else insert_cases)(self._connection, [change])
            self._cases[event.report_id] = change.after
        return change

    def _hand_over(self, change: Transition, event: CaseTransferred) -> None:
        """Let the case go; what that said is said again only where the log lacks it, so that no word is that has been
        erased since.
        """
        to = self._region.plan.answering(event.owner.garrison, event.submitted_at)
        self._connection.execute("set local session authorization kmzb_casework")  # who may without an officer
        if (event.report_id, event.version) in self._log.handed:
            insert_departure(self._connection, change, to)
        else:
            insert_hand_over(self._connection, change, to)
        self._connection.execute("reset session authorization")


def _versions(connection: Connection, report_ids: Iterable[UUID]) -> dict[UUID, int]:
    rows = connection.execute(
        "select report_id, max(version) as version from history where report_id = any(%b::uuid[])"
        " and version is not null group by report_id",
        (sorted(report_ids),),
    ).fetchall()
    return {row["report_id"]: row["version"] for row in rows}


def _transition(case: Case, event: CaseChange) -> Transition:
    absorbed = event.absorbed if isinstance(event, CaseSupported) else None
    officer = NOT_KNOWN if isinstance(event, CheckRecorded) else None
    return Transition(event=event, after=apply(case, event), absorbed=absorbed, officer=officer)


def _opened(connection: Connection, event: CaseChange, terms: Policy) -> Case:
    """The case as it was opened, with what the report says beyond the event; its number is taken."""
    known = lock_reports(connection, [event.report_id])[event.report_id].submission
    submission = known or Submission(
        category=event.category,
        longitude=event.longitude,
        latitude=event.latitude,
        submitted_at=event.submitted_at,
    )
    connection.execute("insert into claimed_number values (%s) on conflict do nothing", (event.case_number,))
    return new_case(event.report_id, submission, event.owner, event.case_number, event.changed_at, terms)
