"""Any life a case can have, made up step by step: what holds after every step whatever the order."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from casework.domain import changes, handovers
from casework.domain.case import apply
from casework.domain.checks import SiteCheck
from casework.domain.rules import TABLE, Change, allowed_changes
from contracts.base import Owner
from contracts.events.cases import CaseChange, Executor, Role
from contracts.policy.terms import policy
from contracts.statuses import OPEN, Status
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from support.agencies import AGENCIES
from support.casework.case_states import case_in
from support.events import OPOLE

ELSEWHERE = Owner(garrison="KAT", unit="KMP-2469", unit_name="Komenda Miejska Policji w Katowicach")
TERMS = policy()


class LifeOfACase(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.case = case_in()
        self.events: list[CaseChange] = [changes.opened(self.case, routed=True, boundary_version="1")]
        self.checks: list[SiteCheck] = []

    @rule(
        change=st.sampled_from([change for change in Change if change is not Change.MERGE]),
        role=st.sampled_from(Role),
        minutes=st.integers(-5, 600),
        agency=st.sampled_from(list(AGENCIES)),
    )
    def somebody_tries(self, change: Change, role: Role, minutes: int, agency: str) -> None:
        before, at = self.case, self.case.changed_at + timedelta(minutes=minutes)
        if change not in allowed_changes(before, role):
            return
        event = self._made(change, role, agency, at)
        self.case = apply(before, event)
        self.events.append(event)
        assert self.case.status == (TABLE[before.status, change].to or before.status)
        assert self.case.round == before.round + (change is Change.REOPEN)

    @precondition(lambda self: self.case.status in OPEN and len(self.events) > 8)
    @rule()
    def it_ends_in_another_case(self) -> None:
        if Change.MERGE not in allowed_changes(self.case, Role.COORDINATOR):
            assert self.case.status is Status.REFERRED or self.case.merged_into is not None
            return
        survivor = replace(self.case, report_id=UUID(int=1), number="X")
        merger = handovers.merger(self.case, Role.COORDINATOR, self.case.changed_at, into=survivor, terms=TERMS)
        self.case = apply(self.case, merger.ended)
        self.events.append(merger.ended)
        assert merger.counted.supporters == 2 * survivor.supporters + 1
        assert all(allowed_changes(self.case, role) == () for role in Role)

    @rule()
    def a_citizen_contests(self) -> None:
        self.case = replace(self.case, contested=True)

    @invariant()
    def the_events_count_without_a_gap_and_say_the_state(self) -> None:
        assert [event.version for event in self.events] == list(range(1, len(self.events) + 1))
        last = self.events[-1]
        assert (last.version, last.status, last.owner, last.supporters, last.round, last.changed_at) == (
            self.case.version,
            self.case.status,
            self.case.owner,
            self.case.supporters,
            self.case.round,
            self.case.changed_at,
        )
        times = [event.changed_at for event in self.events]
        assert times == sorted(times)

    @invariant()
    def a_referral_is_open_exactly_while_the_case_is_referred(self) -> None:
        referred = self.case.status is Status.REFERRED and self.case.merged_into is None
        assert (self.case.referral_id is not None) == referred
        assert (self.case.agency is not None) == referred
        assert referred or not self.case.acknowledged

    def _made(self, change: Change, role: Role, agency: str, at: datetime) -> CaseChange:
        case, moment = self.case, max(self.case.changed_at, at)
        match change:
            case Change.TAKE_UP:
                return changes.taken_up(case, role, moment)
            case Change.CHECK:
                event = changes.checked(case, role, moment, checked_at=moment, finding="not_found")
                check = SiteCheck(number=event.number, round=case.round, checked_at=moment, finding="not_found")
                self.checks.append(check)
                return event
            case Change.CONFIRM:
                return changes.confirmed(case, role, moment, self.checks)
            case Change.UNCONFIRM:
                return changes.unconfirmed(case, role, moment, self.checks, needed=2, reason="nic")
            case Change.REJECT:
                return changes.rejected(case, role, moment, self.checks)
            case Change.REFER:
                return handovers.referred(case, role, moment, agency=agency, agencies=AGENCIES)
            case Change.RETURN:
                return handovers.returned(case, role, moment)
            case Change.ELIMINATE:
                return changes.eliminated(case, role, moment)
            case Change.REOPEN:
                return changes.reopened(case, role, moment)
            case Change.TASK:
                due_at = moment + timedelta(days=1)
                return changes.tasked(case, role, moment, executor=Executor.PATROL, due_at=due_at)
            case Change.CORRECT:
                category = "drinking" if case.category == "parking" else "parking"
                return changes.corrected(case, role, moment, category=category, place=None)
            case Change.TRANSFER:
                return handovers.transferred(case, role, moment, to=OPOLE if case.owner != OPOLE else ELSEWHERE)
            case Change.ACKNOWLEDGE:
                return handovers.acknowledged(case, role, moment)
            case _:
                return changes.supported(case, moment)


TestLifeOfACase = LifeOfACase.TestCase
TestLifeOfACase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
