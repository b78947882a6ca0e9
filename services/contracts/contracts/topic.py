"""What a topic is: its name, its events and their base, who writes and reads it, how it is kept."""

from dataclasses import dataclass, field
from datetime import timedelta

from contracts.base import Event

REPORT_KEY = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""The pattern of a report's id as a key."""
CONTENT_KEY = f"{REPORT_KEY}(/{REPORT_KEY})?"
"""The pattern of what words are kept under: a report, or a report and a follow-up's id."""
WORDS_KEY = f"{REPORT_KEY}/[1-9][0-9]{{0,9}}"
"""The pattern of what officers' words to a reporter are kept under: a report, and a version of its case."""

AGENCY_CODE = "[a-z][a-z0-9-]{0,39}"
"""The pattern of an agency's code, which is part of the names of its topics and the key of what is said of it."""

# Fixed for ever: a partition added later breaks the order of the events of one report.
PARTITIONS = 12
PARTNER_PARTITIONS = 1
"""Of each topic of an agency: thousands of them stand on one cluster (docs/decisions/0090)."""

AGENCY_QUOTA = {"producer_byte_rate": 256 * 1024, "consumer_byte_rate": 2 * 1024 * 1024, "request_percentage": 10}
"""How much of each broker an agency may take: bytes a second, and percent of one thread's time.

Its own topics carry kilobytes a day. The whole public topic comes at the second rate, once.
"""

COMPRESSION = "gzip"
"""Of every topic's batches: the one codec that clients in every language read without a library of their own."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `retention` None keeps for ever; `compacted` keeps the newest message of each key.

    `base` is what all its events are and ever will be: the fields a reader may rely on also of an event that was added
    after it was deployed (docs/decisions/0040). None where events of a topic have nothing in common.
    `key` is the pattern of what a tombstone erases; an event says its key itself.
    """

    name: str
    says: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    events: tuple[type[Event], ...] = ()
    base: type[Event] | None = None
    key: str = REPORT_KEY
    partitions: int = PARTITIONS
    compacted: bool = False
    retention: timedelta | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def cleanup(self) -> str:
        return "compact" if self.compacted else "delete"

    @property
    def config(self) -> dict[str, str]:
        """The topic's settings as Kafka names them, replication apart."""
        retention_ms = -1 if self.retention is None else int(self.retention.total_seconds() * 1000)
        kept = {} if self.compacted else {"retention.ms": str(retention_ms), "retention.bytes": "-1"}
        return {
            "cleanup.policy": self.cleanup,
            # Also of what is written by others: the brokers compress a batch in another codec again.
            "compression.type": COMPRESSION,
            "unclean.leader.election.enable": "false",
            **kept,
            **self.settings,
        }
