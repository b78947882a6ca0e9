"""Intake without servers: a log in memory that shows what was written in which order, and an ordinary report."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from chassis.health import Health
from contracts.base import Event
from contracts.envelope import Outgoing, decode
from contracts.events.reports import ReportSubmitted
from intake.log_writer import LogWriter, NotAcknowledged
from intake.settings import Settings
from intake.store.first_submissions import FirstSubmissions

SECRET, RECEIPT_SECRET = "1f" * 32, "e4" * 32
SENDER = "203.0.113.9"
# Its own words everywhere, so that a test can look for them where they must not be.
WORDS, EMAIL = "Zażółć gęślą jaźń pod oknem", "jan.przyklad@example.org"
REPORT = {"category": "speeding", "longitude": 17.9213, "latitude": 50.6751}


@dataclass
class MemoryLog:
    """What was written, stage by stage. While `away`, nothing is acknowledged."""

    stages: list[list[Outgoing]] = field(default_factory=list)
    away: bool = False

    @property
    def events(self) -> list[Event]:
        return [decode(message.headers, message.value or b"").data for message in self.messages]

    @property
    def messages(self) -> list[Outgoing]:
        return [message for stage in self.stages for message in stage]


class MemoryLogWriter(LogWriter):
    """Writes to a log that needs no broker."""

    def __init__(self, settings: Settings, log: MemoryLog) -> None:
        super().__init__(settings, Health("kafka"))
        self._log = log
        self.submissions = FirstSubmissions(dict)

    def open(self) -> None:
        self.submissions.update_read_to_end({})

    async def write(self, *stages: Sequence[Outgoing]) -> None:
        if self._log.away:
            raise NotAcknowledged
        self._log.stages += [list(stage) for stage in stages]
        for message in (message for stage in stages for message in stage):
            event = decode(message.headers, message.value or b"").data
            if isinstance(event, ReportSubmitted):
                self.submissions.insert(event.report_id, event.submitted_at)


def report(**more: Any) -> bytes:
    """The body of a report, ordinary but for what is named."""
    return msgspec.json.encode({**REPORT, **more})
