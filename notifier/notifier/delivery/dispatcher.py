"""The dispatcher: makes deliveries of notices whose time has come, and calls senders to what is due."""

import threading
from collections.abc import Collection, Mapping
from time import monotonic

from chassis.health import Health
from chassis.postgres import Database
from contracts.events.notices import Channel

from notifier.delivery.calls import Call
from notifier.domain.deliveries import NextDue
from notifier.store.due import read_next_due, read_wakeups
from notifier.store.grouping import insert_due_deliveries

# What is written meanwhile goes with the next look: a look, a claim and a record cost what many mails do.
_PACE_SECONDS = 0.25
# What is due and not taken yet has its senders at work; another instance's may have died.
_AGAIN_SECONDS = 1.0
_LONGEST_SECONDS = 5.0
_BEAT_SECONDS = 1.0


class Dispatcher:
    """A worker that looks as soon as notices are committed, in whichever instance, and when the next one is due."""

    def __init__(self, database: Database, calls: Mapping[Channel, Collection[Call]], health: Health) -> None:
        self._database, self._calls, self._health = database, calls, health

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
        """Make deliveries and call senders; in how many seconds the next look is due."""
        found = group_due(self._database)
        for channel, calls in self._calls.items():
            for call in calls:
                if channel in found and found[channel].is_due(urgent_only=call.urgent_only):
                    call.make()
        waits = [due.seconds if due.seconds > 0 else _AGAIN_SECONDS for due in found.values()]
        return min([_LONGEST_SECONDS, *waits])


def group_due(database: Database) -> dict[Channel | None, NextDue]:
    """Make deliveries of the notices whose time has come; returns when what comes next is due."""
    with database.transaction() as connection:
        insert_due_deliveries(connection)
        return read_next_due(connection)
