"""The worker that fires what is due."""

import threading
from collections.abc import Callable

from chassis.health import Health
from chassis.postgres import Connection, Database
from chassis.run import Worker
from prometheus_client import Histogram

# Claimed in one transaction: large enough to drain a crowd quickly, small enough to end within half a second.
FIRING_BATCH = 2_000
# Another instance's progress does not wake this one, so it looks by itself this often.
_LOOK_SECONDS = 0.5
LATENESS = Histogram(
    "kmzb_sla_lateness_seconds",
    "How long after its time a step fired, by the database's clock",
    buckets=(0.05, 0.1, 0.25, 0.5, 0.75, 1, 2, 5, 30, 300, 3600, 6 * 3600, 86400),
)


def firing(
    database: Database, health: Health, fire_due_steps: Callable[[Connection], list[float]], moved: threading.Event
) -> Worker:
    """A worker that fires what is due whenever `moved` is set, and again at once while there is more.

    `fire_due_steps` fires at most FIRING_BATCH clocks' steps and returns how late each was, in seconds.
    """

    def run_until(stop: threading.Event) -> None:
        while not stop.is_set():
            moved.clear()
            with database.transaction() as connection:
                lateness = fire_due_steps(connection)
            for seconds in lateness:
                LATENESS.observe(seconds)
            health.beat("firing")
            if len(lateness) < FIRING_BATCH:
                moved.wait(_LOOK_SECONDS)

    return run_until
