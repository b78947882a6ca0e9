"""Writes to the log: what it acknowledges in time exists, and of everything else nothing is known.

Reads back what reports stand there, for when no other memory knows which were sent before.
"""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from datetime import timedelta

import structlog
from chassis.clock import now
from chassis.health import Health
from chassis.kafka.client import KafkaException, topic_name
from chassis.kafka.lag import Ends
from chassis.kafka.messages import received
from chassis.kafka.reader import read_from_start
from contracts.envelope import Outgoing, Unusable
from contracts.events.reports import ReportSubmission
from contracts.topics import INTAKE, REPORT_SUBMITTED
from prometheus_client import Gauge

from intake.async_publisher import AsyncPublisher
from intake.domain.limits import KEY_ACKNOWLEDGED_SECONDS
from intake.settings import Settings
from intake.store.first_submissions import FirstSubmissions

log = structlog.get_logger()
_OPENS_SECONDS = 5.0
UNDER_REPLICATED = Gauge(
    "kmzb_kafka_under_replicated_partitions",
    "Partitions of reports of which a copy is not in sync, as intake sees them",
)


class NotAcknowledged(Exception):
    """The log did not take it in time, or not as far as we know."""


class LogWriter:
    """Writes with a time-out, and so many at once. `open` and `close` belong to the event loop.

    `submissions` are those of the last day, read by a thread of its own.
    """

    def __init__(self, settings: Settings, health: Health) -> None:
        self._settings, self._health = settings, health
        self._publisher: AsyncPublisher | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opened, self._closing = threading.Event(), threading.Event()
        self._in_flight = 0
        self._ends = Ends(settings, INTAKE)
        self.submissions = FirstSubmissions(self._submission_ends)
        self._reader = threading.Thread(target=self._read, name="submissions", daemon=True)

    def open(self) -> None:
        """Make the producer; before this and after `close` nothing is acknowledged."""
        client = {
            "delivery.timeout.ms": int(self._settings.delivery_timeout.total_seconds() * 1000),
            # Measured at 2,000 reports a second: a third of the brokers' work at 1 ms, for 4 ms of waiting.
            "linger.ms": 5,
        }
        self._publisher, self._loop = AsyncPublisher(self._settings, INTAKE, **client), asyncio.get_running_loop()
        self._reader.start()
        self._opened.set()

    def close(self) -> None:
        """Deliver what is in flight, for as long as the delivery time-out lets it."""
        self._closing.set()
        if self._publisher is not None:
            self._publisher.close()
            self._reader.join()
            self._publisher = None

    def watch(self) -> None:
        """Ready once the cluster knows our topics. Raises RuntimeError when only a restart helps."""
        self._opened.wait(1.0)  # the first look is at the start, when the event loop has not come to `open` yet
        publisher = self._publisher
        if publisher is None:
            return
        if not (self._reader.is_alive() or self._closing.is_set()):
            raise RuntimeError("the log is not read any more")
        try:
            UNDER_REPLICATED.set(publisher.check(REPORT_SUBMITTED))
        except KafkaException as error:
            log.warning("kafka does not answer", error=str(error.args[0].name()))
        else:
            self._health.ready("kafka")

    async def write(self, *stages: Sequence[Outgoing]) -> None:
        """Each stage is on the log before the next is produced. Raises NotAcknowledged."""
        publisher = self._publisher
        if publisher is None or self._in_flight >= self._settings.in_flight:
            raise NotAcknowledged("too much in flight")
        self._in_flight += 1
        try:
            async with asyncio.timeout(self._settings.answer_timeout.total_seconds()):
                for stage in stages:
                    await asyncio.gather(*[publisher.send(message) for message in stage])
        except (KafkaException, BufferError, TimeoutError) as error:
            log.warning("not acknowledged", error=type(error).__name__)
            raise NotAcknowledged from error
        finally:
            self._in_flight -= 1

    def write_from_thread(self, *stages: Sequence[Outgoing]) -> None:
        """The same for a thread that is not the event loop's: waits for it. Raises NotAcknowledged."""
        self._opened.wait(_OPENS_SECONDS)
        if self._loop is None or self._closing.is_set():
            raise NotAcknowledged("not open")
        written = asyncio.run_coroutine_threadsafe(self.write(*stages), self._loop)
        try:
            written.result(2 * self._settings.answer_timeout.total_seconds())
        except (TimeoutError, CancelledError) as error:  # the loop has ended meanwhile, and what it still did with it
            raise NotAcknowledged from error

    @property
    def _partitions(self) -> list[tuple[str, int]]:
        name = topic_name(self._settings, REPORT_SUBMITTED.name)
        return [(name, number) for number in range(REPORT_SUBMITTED.partitions)]

    def _submission_ends(self) -> dict[int, int] | None:
        """Where each partition of reports ends; None while the brokers don't say."""
        found = self._ends.last(self._partitions)
        return None if found is None else {number: end for (_, number), end in found.items()}

    def _read(self) -> None:
        """Read submissions until `close`, whatever happens to the brokers meanwhile; what is no report is not one."""
        while not self._closing.is_set():
            since = now() - timedelta(seconds=KEY_ACKNOWLEDGED_SECONDS)
            if (ends := self._submission_ends()) is None:
                self._closing.wait(1.0)
                continue
            try:
                for message in read_from_start(self._settings, INTAKE, REPORT_SUBMITTED, self._closing, since):
                    if message is None:
                        self.submissions.update_read_to_end(ends)
                        continue
                    with suppress(Unusable):
                        event = received(self._settings, message).event
                        if isinstance(event, ReportSubmission):
                            self.submissions.insert(event.report_id, event.submitted_at)
                    self.submissions.update_position(message.partition() or 0, (message.offset() or 0) + 1)
            except KafkaException as error:
                log.warning("submissions can't be read", error=str(error.args[0].name()))
                self._closing.wait(1.0)
