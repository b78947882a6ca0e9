"""When a clock is due: a table of dates, with the weekday of each spelled out. Times are Polish local ones."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from contracts.events.clocks import Clock, Step
from contracts.policy.terms import WARSAW, Calendar, Length, Terms, due_at, policy

NATIONAL = policy()
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def local(text: str) -> datetime:
    """`Mon 2026-11-02 09:30`, in Warsaw; the weekday must be right. A trailing `*` is the second of a doubled hour."""
    weekday, _, rest = text.partition(" ")
    instant = datetime.fromisoformat(rest.rstrip("*")).replace(tzinfo=WARSAW, fold=int(rest.endswith("*")))
    assert WEEKDAYS[instant.weekday()] == weekday, text
    return instant


def days(number: int, start: str, calendar: Calendar = "calendar") -> datetime:
    return due_at(local(start), Length(days=number), calendar)


@pytest.mark.parametrize(
    ("start", "number", "due"),
    [
        ("Mon 2026-11-02 09:30", 2, "Wed 2026-11-04 09:30"),
        ("Fri 2026-11-06 12:00", 2, "Sun 2026-11-08 12:00"),
        ("Mon 2026-11-02 09:30", 5, "Sat 2026-11-07 09:30"),
        ("Thu 2026-12-24 23:59", 2, "Sat 2026-12-26 23:59"),  # holidays count like other days
        ("Thu 2026-12-31 18:00", 5, "Tue 2027-01-05 18:00"),
        ("Mon 2028-02-28 08:00", 2, "Wed 2028-03-01 08:00"),  # a leap year
        ("Sat 2027-02-27 08:00", 2, "Mon 2027-03-01 08:00"),
        ("Fri 2027-03-26 10:00", 2, "Sun 2027-03-28 10:00"),  # the night that loses an hour: the same wall clock
        ("Fri 2026-10-23 10:00", 2, "Sun 2026-10-25 10:00"),  # the night that gains one
        ("Fri 2027-03-26 02:30", 2, "Sun 2027-03-28 03:30"),  # 02:30 does not exist that day
        ("Fri 2026-10-23 02:30", 2, "Sun 2026-10-25 02:30"),  # 02:30 comes twice: the first
        ("Sun 2026-10-25 02:30*", 2, "Tue 2026-10-27 02:30"),
    ],
)
def test_calendar_days_run_to_the_same_wall_clock(start: str, number: int, due: str) -> None:
    assert days(number, start).astimezone(UTC) == local(due).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "number", "due"),
    [
        ("Mon 2026-11-02 09:30", 2, "Wed 2026-11-04 09:30"),
        ("Fri 2026-11-13 12:00", 2, "Tue 2026-11-17 12:00"),
        ("Mon 2026-11-16 12:00", 5, "Mon 2026-11-23 12:00"),
        ("Sat 2026-11-14 12:00", 2, "Wed 2026-11-18 00:00"),  # counts from Monday's midnight
        ("Sun 2026-11-15 23:59", 2, "Wed 2026-11-18 00:00"),
        ("Tue 2026-11-10 08:00", 2, "Fri 2026-11-13 08:00"),  # Independence Day, Wed 11 November
        ("Wed 2026-11-11 08:00", 2, "Mon 2026-11-16 00:00"),  # sent on it: from Thursday's midnight
        ("Wed 2026-12-23 15:00", 2, "Tue 2026-12-29 15:00"),  # Christmas Eve, a holiday since 2025, to Sunday 27
        ("Mon 2026-01-05 10:00", 2, "Thu 2026-01-08 10:00"),  # Epiphany, Tue 6 January
        ("Fri 2027-03-26 09:00", 2, "Wed 2027-03-31 09:00"),  # Easter Monday, and the night that loses an hour
        ("Thu 2026-04-30 09:00", 2, "Tue 2026-05-05 09:00"),  # Labour Day, Fri 1 May; 3 May is a Sunday
        ("Wed 2026-06-03 09:00", 2, "Mon 2026-06-08 09:00"),  # Corpus Christi, Thu 4 June
        ("Thu 2026-12-31 18:00", 2, "Tue 2027-01-05 18:00"),  # New Year's Day on a Friday
    ],
)
def test_working_days_leave_out_weekends_and_polish_holidays(start: str, number: int, due: str) -> None:
    assert days(number, start, "working").astimezone(UTC) == local(due).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("Sun 2027-03-28 01:30", 2, "Sun 2027-03-28 04:30"),
        ("Sun 2026-10-25 01:30", 2, "Sun 2026-10-25 02:30*"),
        ("Fri 2026-11-13 23:00", 2, "Sat 2026-11-14 01:00"),  # also on the working calendar: plain time
    ],
)
@pytest.mark.parametrize("calendar", ["calendar", "working"])
def test_hours_and_seconds_are_plain_time(start: str, hours: int, due: str, calendar: Calendar) -> None:
    assert due_at(local(start), Length(hours=hours), calendar).astimezone(UTC) == local(due).astimezone(UTC)
    assert due_at(local(start), Length(seconds=3600 * hours), calendar) == due_at(
        local(start), Length(hours=hours), calendar
    )


def test_the_zone_of_the_start_decides_nothing_but_how_the_answer_is_written() -> None:
    start = local("Fri 2027-03-26 10:00")
    in_utc = due_at(start.astimezone(UTC), Length(days=2), "calendar")
    assert in_utc == days(2, "Fri 2027-03-26 10:00")
    assert in_utc.tzinfo is UTC


def test_national_terms_are_two_days_and_five_and_a_warning_before_each() -> None:
    sent = local("Mon 2026-11-02 09:30")
    promise = NATIONAL.promise("parking", sent)
    assert promise.take_up_by == local("Wed 2026-11-04 09:30")
    assert promise.verify_by == local("Mon 2026-11-09 09:30")
    steps = NATIONAL.steps(Clock.TAKE_UP, "OPO", promise.take_up_by)
    assert [step for step, _ in steps] == [Step.APPROACHING, Step.MISSED, Step.GARRISON, Step.HEADQUARTERS]
    assert [at for _, at in steps] == sorted(at for _, at in steps)
    assert steps[1] == (Step.MISSED, promise.take_up_by)


def test_a_review_has_a_reminder_and_nothing_to_miss() -> None:
    due = local("Wed 2026-12-02 09:30")
    assert NATIONAL.steps(Clock.REVIEW, "OPO", due) == [(Step.APPROACHING, due)]


def test_the_terms_of_a_start_are_those_in_force_then(tmp_path: Path) -> None:
    file = tmp_path / "terms.toml"
    alerts = "\n".join(
        f"[alerts.{clock}]\nwarning = {{hours = 1}}\ngarrison = {{hours = 1}}\nheadquarters = {{hours = 2}}"
        for clock in ("take_up", "verification", "acknowledgement")
    )
    lengths = "verification = {days = 5}\nacknowledgement = {days = 7}\nreview = {days = 30}"
    file.write_text(
        f'[[terms]]\nversion = "new"\neffective_from = 2027-01-01T00:00:00+01:00\ntake_up = {{days = 3}}\n{lengths}\n'
        f'[[terms]]\nversion = "old"\neffective_from = 2020-01-01T00:00:00+01:00\ntake_up = {{days = 2}}\n{lengths}\n'
        f'[[terms.category]]\ncode = "parking"\ntake_up = {{hours = 6}}\n{alerts}\n'
        "[alerts.garrison.WRO.take_up]\nwarning = {hours = 3}\ngarrison = {hours = 3}\nheadquarters = {hours = 4}\n"
    )
    read = policy(file)
    before, after = local("Thu 2026-12-31 23:59"), local("Fri 2027-01-01 00:00")
    assert read.terms_at(before).version == "old"
    assert read.terms_at(after).version == "new"
    assert read.terms_at(before).due_at(Clock.TAKE_UP, "parking", before) == before + timedelta(hours=6)
    assert read.terms_at(before).due_at(Clock.VERIFICATION, "parking", before) == local("Tue 2027-01-05 23:59")
    assert read.steps(Clock.TAKE_UP, "WRO", after)[0] == (Step.APPROACHING, after - timedelta(hours=3))
    assert read.steps(Clock.VERIFICATION, "WRO", after)[0] == (Step.APPROACHING, after - timedelta(hours=1))
    with pytest.raises(LookupError, match="no terms are in force at 2019"):
        read.terms_at(local("Tue 2019-12-31 12:00"))


def test_a_misspelt_term_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="take_upp"):
        msgspec.convert({"version": "x", "effective_from": SINCE, "take_upp": {"days": 2}}, Terms)
