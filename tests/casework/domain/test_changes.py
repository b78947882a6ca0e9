"""What each change needs beside the status and the role, and what it publishes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from casework.domain import changes, handovers
from casework.domain.case import Case
from casework.domain.checks import SiteCheck, is_inside
from casework.domain.rules import Refused
from contracts.events.cases import Executor, Role
from contracts.events.reports import TimeOfDay
from contracts.policy.terms import policy
from contracts.statuses import Status
from support.agencies import AGENCIES
from support.casework.case_states import case_in
from support.events import OPOLE, SUBMITTED

AT = SUBMITTED + timedelta(hours=1)
TERMS = policy()


def a_check(number: int, checked_at: datetime = AT, of_round: int = 1) -> SiteCheck:
    return SiteCheck(number=number, round=of_round, checked_at=checked_at, finding="not_found")


def unconfirm(case: Case, checks: list[SiteCheck], reason: str | None = None) -> None:
    changes.unconfirmed(case, Role.BEAT_OFFICER, AT, checks, needed=2, reason=reason)


def test_not_confirmed_needs_two_checks_or_a_written_reason() -> None:
    case = case_in(Status.VERIFICATION)
    with pytest.raises(Refused):
        unconfirm(case, [a_check(1)])
    with pytest.raises(Refused):
        unconfirm(case, [a_check(1)], reason="  ")
    unconfirm(case, [a_check(1), a_check(2)])
    unconfirm(case, [], reason="numer nie istnieje")


def test_checks_of_an_earlier_verification_do_not_count() -> None:
    with pytest.raises(Refused):
        unconfirm(case_in(Status.VERIFICATION, round=2), [a_check(1), a_check(2), a_check(3, of_round=2)])


def test_one_check_must_be_when_the_reporter_said_it_happens() -> None:
    case = case_in(Status.VERIFICATION, weekdays=(6,), time_of_day=TimeOfDay.EVENING)
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
    assert is_inside(utc, weekdays, time_of_day) is expected


def test_a_check_is_neither_in_the_future_nor_before_the_report() -> None:
    for wrong in (AT + timedelta(hours=1), SUBMITTED - timedelta(hours=1)):
        with pytest.raises(Refused):
            changes.checked(case_in(Status.VERIFICATION), Role.BEAT_OFFICER, AT, checked_at=wrong, finding="found")


def test_the_public_answer_counts_checks_and_names_nobody() -> None:
    checks = [a_check(1), SiteCheck(number=2, round=1, checked_at=AT + timedelta(days=1), finding="found")]
    answer = changes.confirmed(case_in(Status.VERIFICATION), Role.COORDINATOR, AT, checks).answer
    assert (answer.checks, answer.found, str(answer.last_check_on)) == (2, 1, "2026-11-03")
    assert [str(day) for day in answer.checked_on] == ["2026-11-02", "2026-11-03"]
    assert set(answer.__struct_fields__) == {"checks", "found", "last_check_on", "checked_on"}


def test_what_cannot_be_right_is_refused_naming_the_field() -> None:
    coordinator, case = Role.COORDINATOR, case_in(Status.CONFIRMED)
    wrong: dict[str, Callable[[], object]] = {
        "agency": lambda: handovers.referred(case, coordinator, AT, agency="nobody", agencies=AGENCIES),
        "category": lambda: changes.corrected(case, coordinator, AT, category="nothing", place=None),
        "longitude": lambda: changes.corrected(case, coordinator, AT, category=None, place=(2.35, 48.85)),
        "due_at": lambda: changes.tasked(case, coordinator, AT, executor=Executor.PATROL, due_at=AT),
        "to": lambda: handovers.transferred(case, coordinator, AT, to=OPOLE),
        "into": lambda: handovers.merger(case, coordinator, AT, into=case, terms=TERMS),
    }
    for field, attempt in wrong.items():
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.field == field
    with pytest.raises(Refused):
        changes.corrected(case, coordinator, AT, category="parking", place=(17.92, 50.67))


def test_the_times_of_a_case_never_run_backwards() -> None:
    event = changes.taken_up(case_in(changed_at=AT), Role.COORDINATOR, AT - timedelta(seconds=5))
    assert event.changed_at == AT
