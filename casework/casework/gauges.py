"""What the cases look like from outside: how many are open."""

from chassis.postgres import Database
from prometheus_client import Gauge

from casework.store.queries.lists import count_open

OPEN_CASES = Gauge("kmzb_casework_open", "Open cases", ["status", "garrison"])


def measure(database: Database) -> None:
    """Show how many cases are open."""
    with database.transaction() as connection:
        counted = count_open(connection)
    OPEN_CASES.clear()
    for labels, number in counted.items():
        OPEN_CASES.labels(*labels).set(number)
