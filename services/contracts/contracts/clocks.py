"""What the SLA monitor says: a clock runs, a deadline nears, is missed, is escalated; a clock stopped."""

from enum import StrEnum
from typing import Literal
from uuid import UUID, uuid5

from contracts.base import Code, Instant, Owner, ReportEvent, Version

NAMESPACE = UUID("5d0c3d3a-6a5e-5b53-9d53-6a3f2f0a7c11")


class Clock(StrEnum):
    """The kinds of clock a report can have running."""

    TAKE_UP = "take-up"
    VERIFICATION = "verification"
    ACKNOWLEDGEMENT = "acknowledgement"
    REVIEW = "review"


class Step(StrEnum):
    """What can happen on a clock, each at most once per cycle."""

    STARTED = "started"
    APPROACHING = "approaching"
    MISSED = "missed"
    GARRISON = "escalated-to-garrison"
    HEADQUARTERS = "escalated-to-headquarters"
    STOPPED = "stopped"


class ClockEvent(ReportEvent, frozen=True, kw_only=True):
    """A fact about one clock: (report, clock, cycle). `owner` is who answers for the report at that moment."""

    clock: Clock
    cycle: Version
    owner: Owner
    started_at: Instant
    due_at: Instant
    terms: Code


class ClockStarted(ClockEvent, frozen=True, kw_only=True):
    """The clock runs since `started_at`."""


class DeadlineApproaching(ClockEvent, frozen=True, kw_only=True):
    """A warning before `due_at`."""


class DeadlineMissed(ClockEvent, frozen=True, kw_only=True):
    """`due_at` passed and the clock still runs: the unit is told."""


class DeadlineEscalated(ClockEvent, frozen=True, kw_only=True):
    """The miss goes one step up the chain of command."""

    to: Literal["garrison", "headquarters"]


class ClockStopped(ClockEvent, frozen=True, kw_only=True):
    """What the clock waited for happened at `stopped_at`; that instant alone decides between met and missed."""

    stopped_at: Instant
    outcome: Literal["met", "missed"]
    withdraws_miss: bool = False


def step_id(report_id: UUID, clock: Clock, cycle: int, step: Step) -> UUID:
    """The event id of a step, the same however often the step is computed."""
    return uuid5(NAMESPACE, f"{report_id}/{clock}/{cycle}/{step}")
