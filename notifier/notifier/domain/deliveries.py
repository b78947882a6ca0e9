"""A delivery: one message to one recipient, made of one notice or of several, and what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf
from uuid import UUID

from contracts.events.notices import Audience, Channel
from contracts.statuses import Language

from notifier.domain.notices import EMERGENCY_KINDS, Details, NoticeKind

_LAST_ATTEMPT = 25
_TELL_ABOVE = 7
_TELL_ABOVE_OF_EMERGENCY = 3
_LONGEST_WAIT = timedelta(days=1)
# Anyone can leave anyone's address with a report, so a mailbox is asked so often in a time whether we may write to it.
# Questions nobody said yes to, in a time. More wait for their turn; who says yes is asked on at once.
BOUNDS = ((timedelta(hours=1), 2), (timedelta(days=1), 3), (timedelta(days=7), 5))


class DeliveryState(StrEnum):
    """pending → sending → sent | uncertain | failed | cancelled, or pending again."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """How one attempt ended. `uncertain`: handed over, and no answer came; `cancelled`: nobody to send it to any more;
    `moved`: the directory names other channels by now.

    `deferred` is a refusal for now, `refused` one for good.
    """

    SENT = "sent"
    UNCERTAIN = "uncertain"
    DEFERRED = "deferred"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """How an attempt ended, and what the other side said of it, without addresses.

    `wait`: how long to leave it alone at least, where it is to be tried again.
    """

    outcome: Outcome
    reason: str | None = None
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class DeliveryItem:
    """One notice of a delivery, with what is known of the report by now."""

    kind: NoticeKind
    report_id: UUID
    details: Details


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to send. `attempt` counts from 1. `sealed` is a citizen's contact, None if erased; `overtaken` that the
    citizen is to be told something newer by now.

    `report_id` is None and `kind` "digest" where the notices are of several. `on_duty`: the address of whoever has duty
    there, for what can't wait.
    """

    id: UUID
    channel: Channel
    audience: Audience
    recipient: str | None
    report_id: UUID | None
    kind: str
    attempt: int
    items: tuple[DeliveryItem, ...] = ()
    sealed: str | None = None
    language: Language = "pl"
    overtaken: bool = False
    on_duty: str | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many deliveries of a channel have not ended, and how many seconds ago the oldest of them was made."""

    count: int = 0
    oldest_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class NextDue:
    """In how many seconds the next is due, and the next of those that can't wait; not above 0 for what is due."""

    seconds: float
    urgent_seconds: float = inf

    def is_due(self, *, urgent_only: bool = False) -> bool:
        """Whether there is one whose time has come."""
        return (self.urgent_seconds if urgent_only else self.seconds) <= 0


@dataclass(frozen=True, slots=True)
class NextState:
    """The state of a delivery after an attempt. `due_at`: of the next attempt; `announced`: on the notice topic."""

    state: DeliveryState
    due_at: datetime | None = None
    announced: bool = True

    def unreached(self, attempt: int, kind: str) -> bool:
        """Whether those above are to learn that it doesn't get through: it failed, or was tried for ten minutes, of an
        emergency for half a minute.
        """
        tell_above = _TELL_ABOVE_OF_EMERGENCY if kind in EMERGENCY_KINDS else _TELL_ABOVE
        return self.state is DeliveryState.FAILED or self.state is DeliveryState.PENDING and attempt == tell_above


def next_state(
    result: AttemptResult, audience: Audience, *, attempt: int, now: datetime, first: timedelta, jitter: float
) -> NextState:
    """What an attempt makes of a delivery; `first` and `jitter` as for `retry_at`.

    Where the other side asked for a longer wait it gets it, up to a day. E-mail can't be exactly once: officers and
    agencies are rather sent a message twice than never, a citizen is never sent the same one twice.
    """
    match result.outcome:
        case Outcome.SENT:
            return NextState(DeliveryState.SENT)
        case Outcome.REFUSED:
            return NextState(DeliveryState.FAILED)
        case Outcome.CANCELLED | Outcome.MOVED:
            return NextState(DeliveryState.CANCELLED, announced=False)
        case Outcome.UNCERTAIN if audience is Audience.CITIZEN:
            return NextState(DeliveryState.UNCERTAIN)
    retry = retry_at(now, attempt, first, jitter)
    if retry and result.wait:
        retry = max(retry, now + min(result.wait, _LONGEST_WAIT))
    if result.outcome is Outcome.UNCERTAIN:
        return NextState(DeliveryState.PENDING, retry) if retry else NextState(DeliveryState.UNCERTAIN)
    return NextState(DeliveryState.PENDING, retry, announced=False) if retry else NextState(DeliveryState.FAILED)


def retry_at(now: datetime, attempt: int, first: timedelta, jitter: float) -> datetime | None:
    """When to try again after the `attempt`-th failed, doubling up to an hour: about 20 hours in all; None to give up.

    `jitter` from 0 to 1 moves the wait by up to a quarter, so that what failed together does not come back together.
    """
    if attempt >= _LAST_ATTEMPT:
        return None
    wait = min(first * (1 << (attempt - 1)), timedelta(hours=1))
    return now + wait * (1 + jitter / 4)


def pause(asked: Sequence[datetime], now: datetime) -> timedelta | None:
    """How long a mailbox is to be left alone that was asked at these times without a yes; None if not at all."""
    newest_first = sorted(asked, reverse=True)
    turns = [newest_first[bound - 1] + within - now for within, bound in BOUNDS if len(newest_first) >= bound]
    longest = max(turns, default=timedelta(0))
    return longest if longest > timedelta(0) else None
