"""The watermark: until when what could refute a step has been read, and what it takes for a step to fire."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.topics import CASE_CHANGED, REPORT_SUBMITTED

WATCHED = (REPORT_SUBMITTED, CASE_CHANGED)
"""What starts and stops clocks is on these topics; routing only says who answers."""
UNCONFIRMED_AFTER = timedelta(seconds=60)


def watched_partitions() -> list[tuple[str, int]]:
    """Every partition of the topics watched: topic and number."""
    return [(topic.name, number) for topic in WATCHED for number in range(topic.partitions)]


@dataclass(frozen=True, slots=True)
class Look:
    """What was known when the end of a partition was looked at that has been read since.

    `at`: the monitor's own time. `published_until`: every change casework made until then, by its own time, was on the
    log; None while it had said nothing yet.
    """

    at: datetime
    published_until: datetime | None


@dataclass(frozen=True, slots=True)
class Watermark:
    """Steps not later than `at` fire; nothing any more can refute those not later than `confirmed_at`."""

    at: datetime
    confirmed_at: datetime | None

    def confirms(self, at: datetime) -> bool:
        """Whether nothing any more can refute a step at this time."""
        return self.confirmed_at is not None and at <= self.confirmed_at


def watermark(least: Look | None, silence: timedelta, unconfirmed_after: timedelta) -> Watermark | None:
    """The watermark where this is the least that is known of the partitions; None while there is none.

    A step is confirmed when it has been reached by casework's time and by the monitor's. Once casework has been silent
    for so long although the monitor listened, steps as old as that fire all the same: a dead casework must not silence
    deadlines. While the brokers are away neither speaks nor listens, and when they are back casework has its time.
    """
    if least is None:
        return None
    confirmed_at = None if least.published_until is None else min(least.at, least.published_until)
    if silence < unconfirmed_after:
        return None if confirmed_at is None else Watermark(confirmed_at, confirmed_at)
    bound = least.at - unconfirmed_after
    return Watermark(bound if confirmed_at is None else max(bound, confirmed_at), confirmed_at)
