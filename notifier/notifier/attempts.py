"""What becomes of a message after an attempt to deliver it, and when it is tried again. Pure rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contracts.notices import Audience

_LAST_ATTEMPT = 25


def retry_at(now: datetime, attempt: int, first: timedelta, jitter: float) -> datetime | None:
    """When to try again after the `attempt`-th failed, doubling up to an hour: about 20 hours in all; None to give up.

    `jitter` from 0 to 1 moves the wait by up to a quarter, so that what failed together does not come back together.
    """
    if attempt >= _LAST_ATTEMPT:
        return None
    wait = min(first * (1 << (attempt - 1)), timedelta(hours=1))
    return now + wait * (1 + jitter / 4)


class Outcome(StrEnum):
    """How one attempt ended. `uncertain`: handed over, and no answer came; `dropped`: nobody to tell any more."""

    SENT = "sent"
    UNCERTAIN = "uncertain"
    DEFERRED = "deferred"
    REFUSED = "refused"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a delivery after an attempt. `tell`: whether its fate is told on the notice topic."""

    state: str
    due_at: datetime | None = None
    tell: bool = True


def fate(outcome: Outcome, audience: Audience, *, attempt: int, now: datetime, first: timedelta, jitter: float) -> Fate:
    """Officers and agencies would rather hear twice than not at all; a citizen is never written the same twice."""
    match outcome:
        case Outcome.SENT:
            return Fate("sent")
        case Outcome.REFUSED:
            return Fate("failed")
        case Outcome.DROPPED:
            return Fate("dropped", tell=False)
        case Outcome.UNCERTAIN if audience is Audience.CITIZEN:
            return Fate("uncertain")
    again = retry_at(now, attempt, first, jitter)
    if outcome is Outcome.UNCERTAIN:
        return Fate("pending", again) if again else Fate("uncertain")
    return Fate("pending", again, tell=False) if again else Fate("failed")
