"""Follows the public topic for everybody who follows the map live: one reader a process, however many they are."""

import asyncio
import threading
from datetime import timedelta
from uuid import UUID

import msgspec
from chassis.clock import now
from chassis.health import Health
from chassis.kafka.client import topic_name
from chassis.kafka.lag import Ends
from chassis.kafka.messages import Received, raw_message, read_message
from chassis.kafka.reader import read_from_start
from chassis.settings import Settings
from contracts.events.public import PublicReport
from contracts.topics import PUBLIC_MAP, PUBLIC_REPORT
from prometheus_client import Gauge

from public_map.domain.reading.recent import Change, Position, RecentChanges

READERS = Gauge("kmzb_public_map_live_readers", "Who follows the map live at this instance")
_KEPT = 10_000
_HISTORY = timedelta(minutes=10)
# Some changes go out together: with a thousand readers each wakes a thousand tasks.
_GATHER_SECONDS = 0.1
_AWAITING_ENDS_SECONDS = 1.0


def _change(partition: int, offset: int, report_id: UUID, report: PublicReport | None) -> Change:
    if report is None:
        return Change(partition, offset, report_id, None)
    place = report.longitude, report.latitude
    return Change(partition, offset, report_id, msgspec.json.encode(report), place, report.version)


class LiveReports:
    """The newest changes of what is public. A thread adds them; tasks of one event loop wait for them and read them."""

    def __init__(self, settings: Settings, health: Health) -> None:
        self._settings, self._health = settings, health
        self._recent = RecentChanges(PUBLIC_REPORT.partitions, _KEPT)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bell: asyncio.Event | None = None
        self._ringing = False
        self.ready, self.ended = False, False
        self.readers = 0
        self._moved_at = now()

    def follow(self, stop: threading.Event) -> None:
        """Worker: read the newest part of the topic and go on reading."""
        # Before reading: what is written later is read. After a break from where we were, and not from now on.
        ends = self._ends(stop)
        for message in read_from_start(self._settings, PUBLIC_MAP, PUBLIC_REPORT, stop, self._moved_at - _HISTORY):
            self._health.beat("live")
            self._moved_at = now()
            if message is None:
                self.settle(ends)
                continue
            raw = raw_message(self._settings, message)
            read = read_message(raw)
            if isinstance(read, Received):
                event = read.event
                report = event if isinstance(event, PublicReport) else None
                self.add(_change(raw.partition, raw.offset, UUID(read.key), report))
        self.end()

    @property
    def partitions(self) -> int:
        """How many numbers a position has."""
        return PUBLIC_REPORT.partitions

    def settle(self, ends: Position) -> None:
        """Begin where the topic ends, for partitions of which nothing is read."""
        with self._lock:
            self._recent.settle(ends)
        self.ready = True

    def add(self, change: Change) -> None:
        """Keep a change, and wake those who wait for one."""
        with self._lock:
            self._recent.add(change)
        self._ring()

    def end(self) -> None:
        """Let everybody go, who is to come again to another process or a later one."""
        self.ended = True
        self._ring()

    def enter(self, position: Position | None) -> tuple[int, Position] | None:
        """The number of the first change for somebody at a position, or for who is new; None where too much is gone."""
        with self._lock:
            if position is None:
                return self._recent.added, self._recent.position
            number = self._recent.number_at(position)
            return None if number is None else (number, position)

    def after(self, number: int, position: Position, most: int) -> list[tuple[Change, Position]] | None:
        """As `RecentChanges.after`."""
        with self._lock:
            return self._recent.after(number, position, most)

    async def wait(self, number: int, seconds: float) -> bool:
        """Wait so many seconds at most for a change of that number, or the end; says whether there is one."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._bell, self._ringing = loop, asyncio.Event(), False
        bell = self._bell
        assert bell
        if self._recent.added > number or self.ended:
            return True
        try:
            await asyncio.wait_for(bell.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _ends(self, stop: threading.Event) -> Position:
        ends, name = Ends(self._settings, PUBLIC_MAP), topic_name(self._settings, PUBLIC_REPORT.name)
        partitions = [(name, number) for number in range(PUBLIC_REPORT.partitions)]
        while not stop.is_set():
            self._health.beat("live")
            if found := ends.last(partitions):
                return tuple(found[partition] for partition in partitions)
            stop.wait(_AWAITING_ENDS_SECONDS)
        return ()

    def _ring(self) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._ring_soon)

    def _ring_soon(self) -> None:
        if not self._ringing and self._loop:
            self._ringing = True
            self._loop.call_later(_GATHER_SECONDS, self._ring_now)

    def _ring_now(self) -> None:
        self._ringing = False
        bell, self._bell = self._bell, asyncio.Event()
        if bell:
            bell.set()
