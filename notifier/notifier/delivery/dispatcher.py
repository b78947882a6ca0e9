"""The dispatcher: makes deliveries of notices whose time has come, and wakes the senders of what is due."""

import threading
from collections.abc import Mapping, Sequence
from time import monotonic

from chassis.health import Health
from chassis.postgres import Database
from contracts.events.notices import Channel

from notifier.store.due import read_next_due, read_wakeups
from notifier.store.grouping import insert_due_deliveries

# What is written meanwhile goes with the next look.
_PACE_SECONDS = 0.1
# What is due and not taken yet has its senders at work; another instance's may have died.
_AGAIN_SECONDS = 1.0
_LONGEST_SECONDS = 5.0
_BEAT_SECONDS = 1.0


class Dispatcher:
    """A worker that looks as soon as notices are committed, in whichever instance, and when the next one is due."""

    def __init__(
        self, database: Database, senders: Mapping[Channel, Sequence[threading.Event]], health: Health
    ) -> None:
        self._database, self._senders, self._health = database, senders, health

    def __call__(self, stop: threading.Event) -> None:
        with read_wakeups(self._database.dsn) as written:
            while not stop.is_set():
                due_at = monotonic() + self._look()
                stop.wait(_PACE_SECONDS)
                while not stop.is_set() and (seconds := due_at - monotonic()) > 0:
                    self._health.beat("dispatcher")
                    if written(min(seconds, _BEAT_SECONDS)):
                        break

    def _look(self) -> float:
        """Make deliveries and wake senders; in how many seconds the next look is due."""
        next_due = group_due(self._database)
        for channel, senders in self._senders.items():
            if next_due.get(channel, 1.0) <= 0:
                for woken in senders:
                    woken.set()
        return min([_LONGEST_SECONDS, *(seconds if seconds > 0 else _AGAIN_SECONDS for seconds in next_due.values())])


def group_due(database: Database) -> dict[Channel | None, float]:
    """Make deliveries of the notices whose time has come; returns in how many seconds what comes next is due."""
    with database.transaction() as connection:
        insert_due_deliveries(connection)
        return read_next_due(connection)
