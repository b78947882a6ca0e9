"""What casework does now and then beside its work: it shows how many cases are open, looks for surges, forgets,
and tells anchors.
"""

from functools import partial

import structlog
from chassis.health import Health
from chassis.postgres import Database
from chassis.run import Worker, every, sparingly
from contracts.policy.regions import Region
from contracts.policy.surges import SurgePolicy

from casework.gauges import measure
from casework.store.audit.entries import insert_anchor
from casework.store.regions.receiving import delete_elsewhere
from casework.store.reports import delete_unknown_reports
from casework.watch import LOOK_SECONDS, look

log = structlog.get_logger()
_ANCHOR_SECONDS = 300.0
"""What is cut off the audit's end can go unnoticed only if it is younger than this."""


def upkeep(database: Database, health: Health, surges: SurgePolicy, region: Region) -> dict[str, Worker]:
    """The workers, by name; where others answer for garrisons, what is theirs is forgotten."""
    elsewhere = {"elsewhere": every(3600, "elsewhere", health, partial(forget_elsewhere, database, region))}
    return {
        **(elsewhere if region.plan.change else {}),
        "gauges": sparingly(15, partial(measure, database)),
        "surges": every(LOOK_SECONDS, "surges", health, partial(look, database, surges)),
        "unknown": every(3600, "unknown", health, partial(forget_unknown, database)),
        "anchors": every(_ANCHOR_SECONDS, "anchors", health, partial(anchor_audit, database)),
    }


def forget_unknown(database: Database) -> int:
    """Forget what was said of reports that never were; returns of how many."""
    with database.transaction() as connection:
        return len(delete_unknown_reports(connection))


def forget_elsewhere(database: Database, region: Region) -> int:
    """Forget what was read of reports that are another instance's; returns of how many."""
    with database.transaction() as connection:
        return delete_elsewhere(connection, region.answers_for)


def anchor_audit(database: Database) -> None:
    """Tell the log how far the audit has come. The log is kept elsewhere, so what is cut off afterwards is found."""
    with database.transaction() as connection:
        anchor = insert_anchor(connection)
    if anchor:
        log.info("audit anchor", anchor=f"{anchor.number}:{anchor.hash.hex()}")
