"""The tables of the rules, pair by pair, written out a second time as the design says them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from casework.checks import SiteCheck, inside
from casework.domain import Case, Change, NotAllowed, NotPermitted, Refused, allowed, counts_support, may, require
from casework.numbers import case_number
from contracts.cases import Executor, Role
from contracts.reports import TimeOfDay
from contracts.statuses import Status
from support.events import OPOLE, SUBMITTED, report_id

from casework import changes

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
task         stays        stays       stays      -            stays      -            -
correct      stays        stays       stays      -            stays      -            -
transfer     stays        stays       stays      -            stays      -            -
merge        stays        stays       stays      -            stays      -            -
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
task         -   yes -   yes -   -
correct      -   yes -   yes -   -
transfer     -   yes -   yes -   yes
merge        -   yes -   yes -   -
acknowledge  -   -   -   -   yes -
support      -   -   -   -   -   yes
"""


def table(text: str) -> dict[Change, list[str]]:
    return {Change(row.split()[0]): row.split()[1:] for row in text.strip().splitlines()}


PAIRS = [(status, change, to) for change, row in table(DESIGN).items() for status, to in zip(COLUMNS, row, strict=True)]
ROLE_PAIRS = [
    (role, change, cell == "yes") for change, row in table(MAY).items() for role, cell in zip(ROLES, row, strict=True)
]


def a_case(status: Status = NEW, **more: object) -> Case:
    case = Case(
        report_id=report_id(1),
        number=case_number("OPO", 2026, 1),
        version=1,
        status=status,
        round=1,
        category="parking",
        longitude=17.92,
        latitude=50.67,
        owner=OPOLE,
        supporters=0,
        submitted_at=SUBMITTED,
        changed_at=SUBMITTED,
    )
    if status is REFERRED:
        case = replace(case, referral_id=UUID(int=7), referrals=1, agency="road-manager")
    return replace(case, **more)  # type: ignore[arg-type]  # tests name fields


def test_the_tables_name_every_change_and_every_status_and_role() -> None:
    assert set(table(DESIGN)) == set(table(MAY)) == set(Change)
    assert set(COLUMNS) == set(Status)
    assert set(ROLES) == set(Role)


@pytest.mark.parametrize(("status", "change", "to"), PAIRS)
def test_a_change_is_allowed_exactly_from_the_statuses_of_the_design(status: Status, change: Change, to: str) -> None:
    makers = [role for role in ROLES if may(role, change)]
    reached = set()
    for role in makers:
        with suppress(NotAllowed):
            reached.add(require(a_case(status), change, role))
            assert change in allowed(a_case(status), role)
    assert reached == (set() if to == "-" else {status if to == STAYS else Status(to)})


@pytest.mark.parametrize(("role", "change", "expected"), ROLE_PAIRS)
def test_a_role_makes_exactly_the_changes_of_the_table(role: Role, change: Change, expected: bool) -> None:
    assert may(role, change) is expected
    if not expected:
        for status in Status:
            assert change not in allowed(a_case(status), role)
            with pytest.raises(NotPermitted):
                require(a_case(status), change, role)


@pytest.mark.parametrize("status", [NEW, VERIFICATION, CONFIRMED])
def test_an_agency_changes_only_what_was_referred(status: Status) -> None:
    assert allowed(a_case(status), Role.AGENCY) == ()


@pytest.mark.parametrize(("role", "change", "expected"), ROLE_PAIRS)
def test_nothing_is_done_any_more_to_a_case_that_ended_in_another(role: Role, change: Change, expected: bool) -> None:
    ended = a_case(NEW, merged_into=report_id(2))
    assert allowed(ended, role) == ()
    with pytest.raises((NotAllowed, NotPermitted)):
        require(ended, change, role)


AT = SUBMITTED + timedelta(hours=1)


def a_check(number: int, checked_at: datetime = AT, of_round: int = 1) -> SiteCheck:
    return SiteCheck(number=number, round=of_round, checked_at=checked_at, finding="not_found")


def unconfirm(case: Case, checks: list[SiteCheck], reason: str | None = None) -> None:
    changes.unconfirmed(case, Role.BEAT_OFFICER, AT, checks, needed=2, reason=reason)


def test_not_confirmed_needs_two_checks_or_a_written_reason() -> None:
    case = a_case(VERIFICATION)
    with pytest.raises(Refused):
        unconfirm(case, [a_check(1)])
    with pytest.raises(Refused):
        unconfirm(case, [a_check(1)], reason="  ")
    unconfirm(case, [a_check(1), a_check(2)])
    unconfirm(case, [], reason="numer nie istnieje")


def test_checks_of_an_earlier_verification_do_not_count() -> None:
    with pytest.raises(Refused):
        unconfirm(a_case(VERIFICATION, round=2), [a_check(1), a_check(2), a_check(3, of_round=2)])


def test_one_check_must_be_when_the_reporter_said_it_happens() -> None:
    case = a_case(VERIFICATION, weekdays=(6,), time_of_day=TimeOfDay.EVENING)
    monday = datetime(2026, 11, 2, 10, tzinfo=UTC)
    saturday_evening = datetime(2026, 11, 7, 18, tzinfo=UTC)
    with pytest.raises(Refused):
        unconfirm(case, [a_check(1, monday), a_check(2, monday)])
    unconfirm(case, [a_check(1, monday), a_check(2, saturday_evening)])


@pytest.mark.parametrize(
    ("utc", "weekdays", "time_of_day", "expected"),
    [
        (datetime(2026, 11, 2, 10, tzinfo=UTC), (), None, True),  # nothing named
        (datetime(2026, 11, 2, 5, tzinfo=UTC), (), TimeOfDay.MORNING, True),  # Monday 06:00 in Poland, winter time
        (datetime(2026, 11, 2, 4, 59, tzinfo=UTC), (), TimeOfDay.MORNING, False),  # 05:59
        (datetime(2026, 7, 6, 4, tzinfo=UTC), (), TimeOfDay.MORNING, True),  # Monday 06:00, summer time
        (datetime(2026, 11, 2, 11, tzinfo=UTC), (), TimeOfDay.AFTERNOON, True),  # 12:00
        (datetime(2026, 11, 2, 17, tzinfo=UTC), (), TimeOfDay.AFTERNOON, False),  # 18:00 is evening
        (datetime(2026, 11, 2, 21, tzinfo=UTC), (), TimeOfDay.NIGHT, True),  # 22:00
        (datetime(2026, 11, 2, 1, tzinfo=UTC), (7,), TimeOfDay.NIGHT, True),  # Monday 02:00: the night of Sunday
        (datetime(2026, 11, 2, 1, tzinfo=UTC), (1,), TimeOfDay.NIGHT, True),  # and Monday's own small hours
        (datetime(2026, 11, 2, 1, tzinfo=UTC), (2,), TimeOfDay.NIGHT, False),
        (datetime(2026, 11, 1, 23, 30, tzinfo=UTC), (1,), None, True),  # Monday 00:30 in Poland, Sunday in UTC
        (datetime(2026, 11, 1, 23, 30, tzinfo=UTC), (7,), None, False),
    ],
)
def test_whether_a_check_is_inside_what_was_named_goes_by_polish_time(
    utc: datetime, weekdays: tuple[int, ...], time_of_day: TimeOfDay | None, expected: bool
) -> None:
    assert inside(utc, weekdays, time_of_day) is expected


def test_a_check_is_neither_in_the_future_nor_before_the_report() -> None:
    for wrong in (AT + timedelta(hours=1), SUBMITTED - timedelta(hours=1)):
        with pytest.raises(Refused):
            changes.checked(a_case(VERIFICATION), Role.BEAT_OFFICER, AT, checked_at=wrong, finding="found")


def test_the_public_answer_counts_checks_and_names_nobody() -> None:
    checks = [a_check(1), SiteCheck(number=2, round=1, checked_at=AT + timedelta(days=1), finding="found")]
    answer = changes.confirmed(a_case(VERIFICATION), Role.COORDINATOR, AT, checks).answer
    assert (answer.checks, answer.found, str(answer.last_check_on)) == (2, 1, "2026-11-03")
    assert set(answer.__struct_fields__) == {"checks", "found", "last_check_on"}


@pytest.mark.parametrize(
    ("category", "status", "expected"),
    [
        ("parking", NEW, True),
        ("parking", REFERRED, True),
        ("parking", ELIMINATED, False),
        ("dangerous-venue", VERIFICATION, False),  # shown only once confirmed
        ("dangerous-venue", CONFIRMED, True),
        ("drug-use", CONFIRMED, False),  # never shown
    ],
)
def test_seconding_counts_where_somebody_can_have_seen_the_report(
    category: str, status: Status, expected: bool
) -> None:
    assert counts_support(a_case(status, category=category)) is expected


def test_what_cannot_be_right_is_refused_naming_the_field() -> None:
    coordinator, case = Role.COORDINATOR, a_case(CONFIRMED)
    wrong: dict[str, Callable[[], object]] = {
        "agency": lambda: changes.referred(case, coordinator, AT, agency="nobody"),
        "category": lambda: changes.corrected(case, coordinator, AT, category="nothing", place=None),
        "longitude": lambda: changes.corrected(case, coordinator, AT, category=None, place=(2.35, 48.85)),
        "due_at": lambda: changes.tasked(case, coordinator, AT, executor=Executor.PATROL, due_at=AT),
        "to": lambda: changes.transferred(case, coordinator, AT, to=OPOLE),
        "into": lambda: changes.merged(case, coordinator, AT, into=case.report_id, into_number="x"),
    }
    for field, attempt in wrong.items():
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.field == field
    with pytest.raises(Refused):
        changes.corrected(case, coordinator, AT, category="parking", place=(17.92, 50.67))


def test_the_times_of_a_case_never_run_backwards() -> None:
    event = changes.taken_up(a_case(changed_at=AT), Role.COORDINATOR, AT - timedelta(seconds=5))
    assert event.changed_at == AT
