"""The verification card: checks on site, what they add up to, and when they are enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from contracts.events.cases import Answer
from contracts.events.reports import TimeOfDay
from contracts.policy.terms import WARSAW

from casework.domain.case import Case
from casework.domain.rules import Refused

Finding = Literal["found", "not_found"]
# Hours of the day in Poland, from and before, as intake's form offers them; the night runs over midnight.
_HOURS = {
    TimeOfDay.MORNING: (6, 12),
    TimeOfDay.AFTERNOON: (12, 18),
    TimeOfDay.EVENING: (18, 22),
    TimeOfDay.NIGHT: (22, 6),
}
# A check is written down on another device than the one that tells the time here.
_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCheck:
    """Somebody was there. `number` counts the checks of the case, `round` says which verification it belongs to."""

    number: int
    round: int
    checked_at: datetime
    finding: Finding


def end_of_day(at: datetime) -> datetime:
    """When the day of an instant ends in Poland."""
    tomorrow = at.astimezone(WARSAW).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, WARSAW)


def require_checked_at(case: Case, checked_at: datetime, at: datetime) -> None:
    """Raises Refused for a check in the future of `at`, or before the report."""
    if checked_at > at + _SKEW:
        raise Refused("checked_at", "lies in the future")
    if checked_at < case.submitted_at - _SKEW:
        raise Refused("checked_at", "lies before the report was sent")


def checks_of_round(case: Case, checks: Sequence[SiteCheck]) -> tuple[SiteCheck, ...]:
    """The checks of the verification that runs, or ran last."""
    return tuple(check for check in checks if check.round == case.round)


def public_answer(case: Case, checks: Sequence[SiteCheck]) -> Answer:
    """The public answer: how many checks, how many found it, on which days in Poland. No names, no times of day."""
    mine = checks_of_round(case, checks)
    days = sorted({check.checked_at.astimezone(WARSAW).date() for check in mine})
    return Answer(
        checks=len(mine),
        found=sum(check.finding == "found" for check in mine),
        last_check_on=days[-1] if days else None,
        checked_on=tuple(days),
    )


def require_checks(case: Case, checks: Sequence[SiteCheck], needed: int, reason: str | None) -> None:
    """Raises Refused when the checks do not carry "not confirmed" and no written reason stands in for them.

    It takes `needed` checks, one of them inside the days and hours the reporter named, if they named any.
    """
    if (reason or "").strip():
        return
    mine = checks_of_round(case, checks)
    if len(mine) < needed:
        raise Refused("reason", f"{len(mine)} of {needed} checks are recorded: record more, or give a written reason")
    if not any(is_inside(check.checked_at, case.weekdays, case.time_of_day) for check in mine):
        raise Refused(
            "reason", "no check was inside the days and hours the reporter named: check then, or give a written reason"
        )


def is_inside(checked_at: datetime, weekdays: Sequence[int], time_of_day: TimeOfDay | None) -> bool:
    """Whether a check fell into the named ISO weekdays and hours, in Poland. What is not named fits always.

    The hours after midnight belong to the night that began the day before as well as to their own day.
    """
    local = checked_at.astimezone(WARSAW)
    days = {local.isoweekday()}
    if time_of_day is TimeOfDay.NIGHT and local.hour < 6:
        days.add((local - timedelta(days=1)).isoweekday())
    if weekdays and not days & set(weekdays):
        return False
    if time_of_day is None:
        return True
    start, end = _HOURS[time_of_day]
    return start <= local.hour < end if start < end else local.hour >= start or local.hour < end
