"""Terms: how long each clock may run, and when people are warned and told. Policy as versioned data.

The file is `terms.toml` beside this module, or the one a setting names (demonstrations run on seconds). Reckoning with
working days takes the extra `kmzb-contracts[terms]`; so does the zone of Warsaw, where the system has no zones.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from contracts.base import Code, Instant
from contracts.events.clocks import Clock, Step

WARSAW = ZoneInfo("Europe/Warsaw")
Calendar = Literal["calendar", "working"]


class Length(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A length of time: days of a calendar, or plain hours and seconds."""

    days: int = 0
    hours: float = 0
    seconds: float = 0

    @property
    def plain(self) -> timedelta:
        return timedelta(days=self.days, hours=self.hours, seconds=self.seconds)


class CategoryTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category's own lengths; what it does not name is as for all."""

    code: Code
    take_up: Length | None = None
    verification: Length | None = None
    acknowledgement: Length | None = None
    review: Length | None = None


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lengths in force from an instant on."""

    version: Code
    effective_from: Instant
    calendar: Calendar = "calendar"
    take_up: Length
    verification: Length
    acknowledgement: Length
    review: Length
    category: tuple[CategoryTerms, ...] = ()

    def length(self, clock: Clock, category: str) -> Length:
        """How long a clock runs: the category's own length, or the one for all."""
        field = clock.replace("-", "_")
        own = next((terms for terms in self.category if terms.code == category), None)
        length: Length = getattr(own, field, None) or getattr(self, field)
        return length

    def due_at(self, clock: Clock, category: str, started_at: datetime, days: int | None = None) -> datetime:
        """When a clock started at `started_at` is due; `days` where that is agreed otherwise."""
        return due_at(started_at, Length(days=days) if days else self.length(clock, category), self.calendar)


class Alerts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When people are told about one clock: before its deadline, and after it up the chain of command."""

    warning: Length
    garrison: Length
    headquarters: Length


class GarrisonAlerts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A garrison's own alerts; what it does not name is as for all."""

    take_up: Alerts | None = None
    verification: Alerts | None = None
    acknowledgement: Alerts | None = None


class _Alerts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    take_up: Alerts
    verification: Alerts
    acknowledgement: Alerts
    garrison: dict[str, GarrisonAlerts] = {}


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every version of the terms there was, and the alerts in force."""

    terms: tuple[Terms, ...]
    alerts: _Alerts

    def terms_at(self, instant: datetime) -> Terms:
        """The terms a clock started at `instant` runs under. Raises LookupError before the first ones."""
        in_force = [terms for terms in self.terms if terms.effective_from <= instant]
        if not in_force:
            raise LookupError(f"no terms are in force at {instant.isoformat()}")
        return max(in_force, key=lambda terms: terms.effective_from)

    def promise(self, category: str, submitted_at: datetime) -> "Promise":
        """What a citizen is told on sending."""
        terms = self.terms_at(submitted_at)
        take_up_by = terms.due_at(Clock.TAKE_UP, category, submitted_at)
        return Promise(take_up_by, terms.due_at(Clock.VERIFICATION, category, take_up_by))

    def steps(self, clock: Clock, garrison: str, due_at: datetime) -> list[tuple[Step, datetime]]:
        """When each step of a clock fires while nothing stops it, in order. A review is a reminder, never a miss."""
        if clock is Clock.REVIEW:
            return [(Step.APPROACHING, due_at)]
        field = clock.replace("-", "_")
        own = getattr(self.alerts.garrison.get(garrison), field, None)
        alerts: Alerts = own or getattr(self.alerts, field)
        return [
            (Step.APPROACHING, due_at - alerts.warning.plain),
            (Step.MISSED, due_at),
            (Step.GARRISON, due_at + alerts.garrison.plain),
            (Step.HEADQUARTERS, due_at + alerts.headquarters.plain),
        ]


@dataclass(frozen=True, slots=True)
class Promise:
    """`verify_by`: the latest instant a decision is due if the report is taken up at the last."""

    take_up_by: datetime
    verify_by: datetime


def policy(path: Path | None = None) -> Policy:
    """The policy from a file, or the national one. Raises OSError, tomllib.TOMLDecodeError, msgspec.ValidationError."""
    source = path or resources.files("contracts.policy").joinpath("terms.toml")
    return msgspec.convert(tomllib.loads(source.read_text(encoding="utf-8")), Policy)


def due_at(started_at: datetime, length: Length, calendar: Calendar) -> datetime:
    """The instant a length after another, in the zone of `started_at`.

    Days run on the Warsaw calendar to the same wall-clock time; hours and seconds are plain time. On the working
    calendar a start on a day off counts from the next working day's midnight, and days off are passed over.
    A wall-clock time that the spring change skips becomes the instant just as long after midnight.
    """
    local = started_at.astimezone(WARSAW)
    if length.days:
        day, wall = local.date(), local.time()
        if calendar == "working" and _day_off(day):
            day, wall = _next_working(day), time.min
        for _ in range(length.days):
            day = _next_working(day) if calendar == "working" else day + timedelta(days=1)
        local = datetime.combine(day, wall, tzinfo=WARSAW)
    # By way of UTC: local arithmetic ignores the change of the clocks.
    instant = local.astimezone(ZoneInfo("UTC")) + timedelta(hours=length.hours, seconds=length.seconds)
    return instant.astimezone(started_at.tzinfo)


def _next_working(day: date) -> date:
    day += timedelta(days=1)
    while _day_off(day):
        day += timedelta(days=1)
    return day


def _day_off(day: date) -> bool:
    return day.isoweekday() >= 6 or day in _polish_holidays(day.year)


@cache
def _polish_holidays(year: int) -> frozenset[date]:
    # Here, not above: whoever reckons no working days needs nothing but msgspec.
    import holidays

    return frozenset(holidays.country_holidays("PL", years=year))
