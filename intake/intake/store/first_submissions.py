"""What the log says of the reports of the last day: when each was first submitted, whatever other memory forgot."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic
from uuid import UUID

from contracts.topics import REPORT_SUBMITTED

from intake.domain.partitions import partition_of

_LOOK_AGAIN_SECONDS = 0.005
_ASK_AGAIN_SECONDS = 0.2
FRESH_SECONDS = 5.0
"""As long as this the ends of partitions are taken for known where Redis is sure: nobody repeats sooner elsewhere."""


class FirstSubmissions:
    """The instant of the first ReportSubmitted on the log by report, as far as it has been read.

    One thread writes, the event loop asks. `ask_ends` asks the brokers where each partition ends; None where they don't
    say.
    Beyond `maximum` the oldest are forgotten first; 250,000 take some 60 MB and are more than the country sends in a
    month.
    """

    def __init__(self, ask_ends: Callable[[], Mapping[int, int] | None], maximum: int = 250_000) -> None:
        self._ask_ends, self._maximum = ask_ends, maximum
        self._first: dict[UUID, datetime] = {}
        self._own: dict[UUID, None] = {}
        self._claimed: set[UUID] = set()
        self._positions: dict[int, int] = {}
        self._ends: Mapping[int, int] = {}
        self._asked_at = float("-inf")
        self._question: asyncio.Task[None] | None = None
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._looking: asyncio.Task[None] | None = None
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

    def update_position(self, partition: int, next_offset: int) -> None:
        """Everything of a partition before an offset has been read."""
        self._positions[partition] = max(next_offset, self._positions.get(partition, 0))

    def update_read_to_end(self, ends: Mapping[int, int]) -> None:
        """Everything that was on the log has been read once, up to these ends at least."""
        for partition, end in ends.items():
            self.update_position(partition, end)
        self._read_to_end = True

    def delete_claim(self, report_id: UUID) -> None:
        """What was to be written of a report has been, or was given up."""
        self._claimed.discard(report_id)

    async def find_or_claim(self, report_id: UUID, *, certain: bool) -> datetime | None:
        """When the report was first submitted; None where the log does not have it. Then it is the caller's to write,
        and who asks besides waits until `delete_claim`: a repeat may come while the first is on its way to the log.

        Waits until the log has been read once, however sure Redis is: whoever was here before may have gone on without
        it. And until it has been read to where its partition ends now, or lately where memory is `certain`: whoever is
        beside us may go on without Redis, and a reader may lag behind brokers that had to find a new leader.
        """
        partition = partition_of(str(report_id).encode(), REPORT_SUBMITTED.partitions)
        while True:
            asked_at = monotonic() - (FRESH_SECONDS if certain else 0.0)
            await self._until(lambda: self._read_to_end and not self._is_coming(report_id))
            await self._read_to_end_since(partition, asked_at)
            if (first := self._first.get(report_id)) is not None:
                return first
            if not self._is_coming(report_id):
                self._claimed.add(report_id)
                return None

    async def read(self, report_id: UUID) -> datetime:
        """When the report, which the log acknowledged, was first submitted; waits until that has been read."""
        await self._until(lambda: report_id in self._first)
        return self._first[report_id]

    def _is_coming(self, report_id: UUID) -> bool:
        """Whether this process writes it just now, or has and will read it."""
        return report_id in self._claimed or report_id in self._own

    async def _read_to_end_since(self, partition: int, asked_at: float) -> None:
        end = await self._end(partition, asked_at)
        await self._until(lambda: self._positions.get(partition, 0) >= end)

    async def _until(self, read: Callable[[], bool]) -> None:
        """Wait for what the thread reads. One task looks for all who wait: with a task each, a thousand who wait for a
        reader that lags took the processor from it.
        """
        if read():
            return
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((read, told))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        await told

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            for read, told in self._waiting:
                if not told.done() and read():
                    told.set_result(None)
            self._waiting = [waiting for waiting in self._waiting if not waiting[1].done()]

    async def _end(self, partition: int, since: float) -> int:
        """Where the partition ended at a moment not before `since`. Whoever asks meanwhile shares the next answer."""
        while self._asked_at < since:
            if self._question is None or self._question.done():
                self._question = asyncio.create_task(self._ask())
            await asyncio.shield(self._question)
        return self._ends.get(partition, 0)

    async def _ask(self) -> None:
        # Of all partitions at once: that costs the brokers what one does, and twelve questions wait for each other.
        asked_at = monotonic()
        ends = await asyncio.to_thread(self._ask_ends)
        if ends is None:
            await asyncio.sleep(_ASK_AGAIN_SECONDS)
        else:
            self._asked_at, self._ends = asked_at, ends
