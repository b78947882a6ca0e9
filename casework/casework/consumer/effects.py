"""What a batch of events changes: from what is known and what was read to everything that is to be written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from contracts.events.cases import CaseTransferred
from contracts.events.referrals import ReferralAnswer
from contracts.events.reports import FollowUp
from contracts.policy.regions import NATION, Region
from contracts.policy.terms import Policy

from casework.consumer.answers import answer_steps, require_asked, responsible_agencies
from casework.consumer.arrivals import Arrival, KnownState, Outcome, Step
from casework.consumer.follow_ups import erasures, follow_up_steps, new_follow_ups, unapplied
from casework.consumer.openings import openings, repeats, reports_after
from casework.consumer.rerouting import leaving_steps, rerouting_steps
from casework.domain.case import Case
from casework.domain.records import Remark, Transition
from casework.domain.regions.handed import leaves
from casework.domain.reports import RecordedFollowUp, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a batch makes necessary: rows that change, new cases, transitions and remarks in their order.

    `leaving` are transfers to another instance, after everything else of their cases. `marked` are the cases that say
    now what a citizen said, `erasures` the reports whose words are to be erased, `responsible_agencies` whom agencies
    that declined named, by referral; `repeats` counts what was known before.
    """

    reports: list[Report]
    follow_ups: list[RecordedFollowUp]
    openings: list[Transition]
    transitions: list[Transition]
    leaving: list[Transition]
    remarks: list[Remark]
    marked: list[Case]
    erasures: list[UUID]
    responsible_agencies: list[tuple[UUID, str]]
    repeats: int


def effects(
    known: KnownState, arrivals: Sequence[Arrival], at: datetime, terms: Policy, region: Region = NATION
) -> Effects:
    """What the batch changes, decided at the moment `at`; new cases are due by `terms`.

    New cases first, then the cases follow corrected places, take in what citizens said, and what agencies answered.
    Raises Unusable for an answer from an agency that was not asked.
    """
    arrivals = _of_this_instance(known, arrivals, region)
    require_asked(known.referrals, arrivals)
    after = reports_after(known.reports, arrivals)
    opened = openings(after, known.cases, known.numbers, arrivals, at, terms, region)
    before = {**known.cases, **{opening.after.report_id: opening.after for opening in opened}}
    new = new_follow_ups(known.follow_ups, arrivals)
    waiting = unapplied({**known.follow_ups, **new}.values(), before)
    outcomes = _outcomes(
        before,
        [
            *rerouting_steps(arrivals, at, region),
            *follow_up_steps(waiting, arrivals, at),
            *answer_steps(known.recorded, arrivals, at),
            *leaving_steps(arrivals, at, region, known.absorbing),
        ],
    )
    applied = {said.key: replace(said, applied=True) for said in waiting}
    transitions = [each.record for each in outcomes if isinstance(each.record, Transition)]
    leaving = [t for t in transitions if isinstance(t.event, CaseTransferred) and leaves(region, t.event)]
    said = sum(isinstance(arrival.event, FollowUp) for arrival in arrivals)
    return Effects(
        reports=[report for report_id, report in after.items() if report != known.reports[report_id]],
        follow_ups=list({**new, **applied}.values()),
        openings=opened,
        transitions=[transition for transition in transitions if transition not in leaving],
        leaving=leaving,
        remarks=[each.record for each in outcomes if isinstance(each.record, Remark)],
        marked=_marked(before, outcomes),
        erasures=erasures(new.values()),
        responsible_agencies=responsible_agencies(arrivals),
        repeats=repeats(known.reports, after, arrivals) + said - len(new),
    )


def _of_this_instance(known: KnownState, arrivals: Sequence[Arrival], region: Region) -> list[Arrival]:
    """All but agencies' answers about cases that are not here, where other instances have cases."""
    if not region.plan.change:
        return list(arrivals)
    return [a for a in arrivals if a.report_id in known.cases or not isinstance(a.event, ReferralAnswer)]


def _outcomes(before: Mapping[UUID, Case], steps: Sequence[Step]) -> list[Outcome]:
    """What the steps make of the cases one after the other, each put to what those before it left."""
    cases, outcomes = dict(before), []
    for step in steps:
        if outcome := step(cases):
            cases[outcome.case.report_id] = outcome.case
            outcomes.append(outcome)
    return outcomes


def _marked(before: Mapping[UUID, Case], outcomes: Sequence[Outcome]) -> list[Case]:
    """The cases whose marks are others now, as the batch leaves them: those are set without a version of their own."""
    after = {outcome.case.report_id: outcome.case for outcome in outcomes}
    return [case for report_id, case in sorted(after.items()) if _marks(case) != _marks(before[report_id])]


def _marks(case: Case) -> tuple[bool, int, bool, bool]:
    return case.contested, case.answered, case.withdrawn, case.erased
