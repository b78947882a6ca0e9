"""What the log says of the reports of the last day: when each was first submitted, whatever other memory forgot."""

import asyncio
from datetime import datetime
from uuid import UUID

_LOOK_AGAIN_SECONDS = 0.005


class FirstSubmissions:
    """The instant of the first ReportSubmitted on the log by report, as far as it has been read.

    One thread writes, the event loop asks. Beyond `maximum` the oldest are forgotten first; 250,000 take some 60 MB and
    are more than the country sends in a month.
    """

    def __init__(self, maximum: int = 250_000) -> None:
        self._maximum = maximum
        self._first: dict[UUID, datetime] = {}
        self._own: dict[UUID, None] = {}
        self._read_to_end = False

    def insert(self, report_id: UUID, submitted_at: datetime) -> None:
        """What was read next on the log: of one report the first counts."""
        self._first.setdefault(report_id, submitted_at)
        self._own.pop(report_id, None)
        while len(self._first) > self._maximum:
            del self._first[next(iter(self._first))]

    def insert_own(self, report_id: UUID) -> None:
        """The log acknowledged a report to this process, so it is there to be read."""
        if report_id not in self._first:
            self._own[report_id] = None

    def update_read_to_end(self) -> None:
        """Everything that was on the log has been read once; what comes is read within milliseconds."""
        self._read_to_end = True

    async def find(self, report_id: UUID) -> datetime | None:
        """When the report was first submitted; None where the log does not have it.

        Waits until the log has been read once, however sure Redis is: whoever was here before may have gone on without
        it. And for what the log acknowledged to this process.
        """
        while not self._read_to_end or report_id in self._own:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return self._first.get(report_id)

    async def read(self, report_id: UUID) -> datetime:
        """When the report, which the log acknowledged, was first submitted; waits until that has been read."""
        while report_id not in self._first:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return self._first[report_id]
