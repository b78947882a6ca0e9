"""How far the partitions are read: looked at and written down as often as steps need it."""

import threading
from datetime import timedelta
from math import inf
from time import monotonic

from chassis.kafka.consumer import Progress
from chassis.postgres import Database
from contracts.topics import PROGRESS

from sla_monitor.domain.watermark import Look
from sla_monitor.store.clocks import read_next_step
from sla_monitor.store.watermark import read_look, upsert_looks, upsert_silence

# While no step is near. Less than the pause after which `upsert_silence` holds that nobody listened.
_IDLE_SECONDS = 0.75
# Until the next look there may pass an idle pause, a poll and a batch.
_SOON = timedelta(seconds=2)


class Watch:
    """Looks at each call while a step is due or soon will be, and every three quarters of a second otherwise.

    Without a step to fire nobody needs the watermark; with fewer looks it is older, but never claims more than is true.
    `moved` is set when it may have moved and a step waits for that.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.moved = threading.Event()
        self._due_soon = True
        self._looked_at = -inf

    def wake(self) -> None:
        """Look at the next call, because a step may have become known that is due soon."""
        self._due_soon = True

    def look(self) -> Look | None:
        """What is known before the ends of the partitions are looked at; None when nobody needs to know."""
        if not self._due_soon and monotonic() - self._looked_at < _IDLE_SECONDS:
            return None
        with self._database.transaction() as connection:
            known, next_step = read_look(connection), read_next_step(connection)
        self._looked_at = monotonic()
        self._due_soon = next_step is not None and next_step <= known.at + _SOON
        return known

    def write(self, progress: Progress[Look]) -> None:
        """Write which look each partition was read up to; the watermark follows from the least of them."""
        if not progress.caught_up_at:
            return
        with self._database.transaction() as connection:
            upsert_looks(connection, progress.caught_up_at)
            if (PROGRESS.name, 0) in progress.caught_up_at:
                upsert_silence(connection)
        if self._due_soon:
            self.moved.set()
