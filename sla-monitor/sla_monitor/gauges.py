"""The gauges operators watch: clocks that run, how fresh the watermark is, and how old the oldest gap."""

from math import inf

from chassis.postgres import Database
from prometheus_client import Gauge

from sla_monitor.store.clocks import count_open
from sla_monitor.store.parked import read_oldest_gap
from sla_monitor.store.watermark import read_progress_age, read_watermark_age

OPEN = Gauge("kmzb_sla_open", "Clocks that run", ["clock", "garrison", "state"])
WATERMARK_AGE = Gauge(
    "kmzb_sla_watermark_age_seconds",
    "Age of the instant until which everything was read; no step later than that fires, and infinity fires none",
)
PROGRESS_AGE = Gauge(
    "kmzb_sla_progress_age_seconds",
    "Age of the instant until which casework has said that its changes are on the log; infinity while it never has",
)
GAP = Gauge("kmzb_sla_gap_seconds", "How long the oldest change of a case has waited for the one before it")


def measure(database: Database) -> None:
    """Set the gauges of what is read and what waits."""
    with database.transaction() as connection:
        age = read_watermark_age(connection)
        progress_age = read_progress_age(connection)
        gap = read_oldest_gap(connection)
    WATERMARK_AGE.set(inf if age is None else age)
    PROGRESS_AGE.set(inf if progress_age is None else progress_age)
    GAP.set(gap)


class OpenClocks:
    """Counts again what runs; what it counted once and is gone becomes 0."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: set[tuple[str, str, str]] = set()

    def __call__(self) -> None:
        with self._database.transaction() as connection:
            running = count_open(connection)
        self._seen |= running.keys()
        for labels in self._seen:
            OPEN.labels(*labels).set(running.get(labels, 0))
