"""The tables of the rules, pair by pair, written out a second time as the design says them."""

from contextlib import suppress

import pytest
from casework.domain.rules import Change, NotAllowed, NotPermitted, allowed_changes, permits, status_after
from contracts.events.cases import Role
from contracts.statuses import CLOSED, OPEN, Status
from support.casework.case_states import case_in
from support.events import report_id

NEW, VERIFICATION, CONFIRMED = Status.NEW, Status.VERIFICATION, Status.CONFIRMED
UNCONFIRMED, REFERRED, ELIMINATED, REJECTED = Status.UNCONFIRMED, Status.REFERRED, Status.ELIMINATED, Status.REJECTED
STAYS = "stays"
# Rows: changes. Columns: the status before, in the order of Status; the status after, or - where not allowed.
COLUMNS = (NEW, VERIFICATION, CONFIRMED, UNCONFIRMED, REFERRED, ELIMINATED, REJECTED)
DESIGN = """
take-up      verification -           -          -            -          -            -
checks       -            stays       -          -            -          -            -
confirm      -            confirmed   -          -            -          -            -
unconfirm    -            unconfirmed -          -            -          -            -
reject       rejected     rejected    -          -            -          -            -
refer        -            -           referred   -            -          -            -
return       -            -           -          -            confirmed  -            -
eliminate    -            -           eliminated -            eliminated -            -
reopen       -            -           -          verification -          verification verification
uphold       -            -           -          stays        -          stays        stays
ask          stays        stays       stays      -            stays      -            -
task         stays        stays       stays      -            stays      -            -
correct      stays        stays       stays      -            stays      -            -
transfer     stays        stays       stays      -            stays      -            -
merge        stays        stays       stays      -            -          -            -
acknowledge  -            -           -          -            stays      -            -
support      stays        stays       stays      -            stays      -            -
"""
# Rows: changes. Columns: whether the role ever makes it.
ROLES = (Role.BEAT_OFFICER, Role.COORDINATOR, Role.GARRISON, Role.HEADQUARTERS, Role.AGENCY, Role.SYSTEM)
MAY = """
take-up      yes yes -   -   -   -
checks       yes yes -   -   -   -
confirm      yes yes -   -   -   -
unconfirm    yes yes -   -   -   -
reject       -   yes -   -   -   -
refer        -   yes -   -   -   -
return       -   yes -   -   yes -
eliminate    -   yes -   -   yes -
reopen       -   yes -   -   -   -
uphold       -   yes -   -   -   -
ask          -   yes -   yes -   -
task         -   yes -   yes -   -
correct      -   yes -   yes -   -
transfer     -   yes -   yes -   yes
merge        -   yes -   yes -   -
acknowledge  -   yes -   -   yes -
support      -   -   -   -   -   yes
"""


def table(text: str) -> dict[Change, list[str]]:
    return {Change(row.split()[0]): row.split()[1:] for row in text.strip().splitlines()}


PAIRS = [(status, change, to) for change, row in table(DESIGN).items() for status, to in zip(COLUMNS, row, strict=True)]
ROLE_PAIRS = [
    (role, change, cell == "yes") for change, row in table(MAY).items() for role, cell in zip(ROLES, row, strict=True)
]


def test_the_tables_name_every_change_and_every_status_and_role() -> None:
    assert set(table(DESIGN)) == set(table(MAY)) == set(Change)
    assert set(COLUMNS) == set(Status)
    assert set(ROLES) == set(Role)


@pytest.mark.parametrize(("status", "change", "to"), PAIRS)
def test_a_change_is_allowed_exactly_from_the_statuses_of_the_design(status: Status, change: Change, to: str) -> None:
    makers = [role for role in ROLES if permits(role, change)]
    reached = set()
    for role in makers:
        with suppress(NotAllowed):
            case = case_in(status, contested=status in CLOSED)
            reached.add(status_after(case, change, role))
            assert change in allowed_changes(case, role)
    assert reached == (set() if to == "-" else {status if to == STAYS else Status(to)})


@pytest.mark.parametrize(("role", "change", "expected"), ROLE_PAIRS)
def test_a_role_makes_exactly_the_changes_of_the_table(role: Role, change: Change, expected: bool) -> None:
    assert permits(role, change) is expected
    if not expected:
        for status in Status:
            assert change not in allowed_changes(case_in(status), role)
            with pytest.raises(NotPermitted):
                status_after(case_in(status), change, role)


@pytest.mark.parametrize("status", [NEW, VERIFICATION, CONFIRMED])
def test_an_agency_changes_only_what_was_referred(status: Status) -> None:
    assert allowed_changes(case_in(status), Role.AGENCY) == ()


@pytest.mark.parametrize(("role", "change", "expected"), ROLE_PAIRS)
def test_nothing_is_done_any_more_to_a_case_that_ended_in_another(role: Role, change: Change, expected: bool) -> None:
    ended = case_in(NEW, merged_into=report_id(2))
    assert allowed_changes(ended, role) == ()
    with pytest.raises((NotAllowed, NotPermitted)):
        status_after(ended, change, role)


@pytest.mark.parametrize("status", sorted(CLOSED))
def test_a_decision_is_upheld_only_while_it_is_contested(status: Status) -> None:
    assert Change.UPHOLD not in allowed_changes(case_in(status), Role.COORDINATOR)
    with pytest.raises(NotAllowed):
        status_after(case_in(status), Change.UPHOLD, Role.COORDINATOR)


@pytest.mark.parametrize("status", sorted(OPEN))
def test_nobody_is_asked_whose_answer_would_not_be_kept(status: Status) -> None:
    assert Change.ASK in allowed_changes(case_in(status, withdrawn=True), Role.COORDINATOR)
    assert Change.ASK not in allowed_changes(case_in(status, erased=True), Role.COORDINATOR)
