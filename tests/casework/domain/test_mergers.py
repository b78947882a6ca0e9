"""Whatever cases end in whichever, what is owed is owed since the oldest of them, and nothing done is undone."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from casework.domain.case import Case, apply, owed_clock
from casework.domain.handovers import merger
from casework.domain.rules import NotAllowed, Refused
from contracts.events.cases import Role
from contracts.policy.terms import policy
from contracts.statuses import DECIDED, OPEN, Status
from hypothesis import given
from hypothesis import strategies as st
from support.casework.case_states import case_in
from support.events import SUBMITTED, report_id

AT = SUBMITTED + timedelta(days=2)
TERMS = policy()
WAY = [Status.NEW, Status.VERIFICATION, Status.CONFIRMED, Status.REFERRED]
STATUSES = st.sampled_from([Status.NEW, Status.VERIFICATION, Status.CONFIRMED])


@given(st.lists(st.tuples(STATUSES, st.integers(0, 10_000)), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_no_order_of_mergers_makes_a_promise_younger(made: list[tuple[Status, int]], random: Random) -> None:
    cases: dict[int, Case] = {}
    owed_since = {}
    for number, (status, seconds) in enumerate(made):
        since = SUBMITTED + timedelta(seconds=seconds) if status is not Status.CONFIRMED else None
        cases[number] = replace(case_in(status), report_id=report_id(number + 1), running_since=since)
        owed_since[number] = since
    open_cases = list(cases)
    for _ in range(20):
        if len(open_cases) < 2:
            break
        ending, going_on = random.sample(open_cases, 2)
        one, other = cases[ending], cases[going_on]
        try:
            done = merger(one, Role.COORDINATOR, AT, into=other, terms=TERMS)
        except Refused:
            assert WAY.index(one.status) > WAY.index(other.status)
            continue
        cases[going_on] = apply(other, done.counted)
        open_cases.remove(ending)
        if one.status is other.status and one.status is not Status.CONFIRMED:
            owed_since[going_on] = min(since for since in (owed_since[ending], owed_since[going_on]) if since)
        assert cases[going_on].running_since == owed_since[going_on]
        moved = cases[going_on].running_since != other.running_since
        owed = owed_clock(cases[going_on], TERMS)
        assert (done.earlier and done.earlier.due_at) == (owed.due_at if owed and moved else None)
        assert done.counted.absorbed == one.report_id


@pytest.mark.parametrize("into", list(Status))
@pytest.mark.parametrize("status", list(Status))
def test_no_pair_of_statuses_takes_a_decision_or_a_referral_back(status: Status, into: Status) -> None:
    one, other = case_in(status), replace(case_in(into), report_id=report_id(2))
    if status not in OPEN or status is Status.REFERRED:
        with pytest.raises(NotAllowed):
            merger(one, Role.COORDINATOR, AT, into=other, terms=TERMS)
        return
    if into not in OPEN or WAY.index(into) < WAY.index(status):
        with pytest.raises(Refused):
            merger(one, Role.COORDINATOR, AT, into=other, terms=TERMS)
        return
    done = merger(one, Role.COORDINATOR, AT, into=other, terms=TERMS)
    survivor = apply(other, done.counted)
    assert (survivor.status, survivor.referral_id, survivor.agency) == (into, other.referral_id, other.agency)
    assert not (status in DECIDED and into not in DECIDED)
    assert one.referral_id is None  # nobody waits for an answer that no case can take any more
    assert into in OPEN
