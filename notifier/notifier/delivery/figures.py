"""What delivery measures: attempts by how they ended, and what waits."""

from collections.abc import Mapping

from contracts.events.notices import Channel
from prometheus_client import Counter, Gauge

from notifier.domain.deliveries import Backlog

ATTEMPTS = Counter("kmzb_notices_total", "Attempts to notify somebody, by how they ended", ["channel", "outcome"])
UNREACHED = Counter(
    "kmzb_notices_unreached_total", "Missed deadlines whose notice did not reach who it was for", ["audience"]
)
EMERGENCIES_UNREACHED = Counter(
    "kmzb_notices_emergencies_unreached_total", "Emergencies whose notice did not reach who it was for", ["audience"]
)
MAILBOXES_FAIL = Counter(
    "kmzb_notices_mailbox_failures_total", "Mails to the police that were refused for good or came back", ["audience"]
)
_UNFINISHED = Gauge("kmzb_notices_pending", "Deliveries that have not ended", ["channel"])
_OLDEST = Gauge("kmzb_notices_oldest_seconds", "Age of the oldest delivery that has not ended", ["channel"])


def measure(backlogs: Mapping[Channel, Backlog]) -> None:
    """Show how many deliveries of each channel wait, and how long."""
    for channel, backlog in backlogs.items():
        _UNFINISHED.labels(channel).set(backlog.count)
        _OLDEST.labels(channel).set(backlog.oldest_seconds)
