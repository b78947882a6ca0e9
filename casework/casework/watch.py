"""Looks for surges among new reports, and lets alarms go up that nobody acknowledges.

Surges are looked for apart from the consumers, because two of them that each hold half of a surge would both miss it:
one looks at a time, at what all of them have committed. Reports wait for it in a table, so a restart loses none; what
it finds is written in one transaction with its event.
"""

from chassis.outbox import event_time
from chassis.postgres import Connection, Database
from contracts.policy.surges import SurgePolicy

from casework.domain.duty.surges import escalated, judge
from casework.store.duty.surges import (
    claim_new_reports,
    delete_old_reports,
    list_reports_around,
    lock_surge_watch,
    lock_surges,
    lock_surges_to_escalate,
    update_escalated,
    upsert_judged,
)

LOOK_SECONDS = 1.0
_BATCH = 200


def look(database: Database, policy: SurgePolicy) -> None:
    """Judge all new reports, and escalate what is due."""
    while True:
        with database.transaction() as connection:
            if not lock_surge_watch(connection):
                return  # another instance looks
            judged = judge_new(connection, policy)
            if judged < _BATCH:
                escalate(connection, policy)
                delete_old_reports(connection)
                return


def judge_new(connection: Connection, policy: SurgePolicy) -> int:
    """Judge some reports that nobody has looked at; gives how many."""
    new = claim_new_reports(connection, _BATCH)
    if new:
        at = event_time(connection)
        terms = policy.terms_at(at)
        times = [report.submitted_at for report in new]
        quiet = terms.quiet.plain
        surges = lock_surges(connection, min(times) - quiet, max(times) + quiet)
        around = list_reports_around(connection, new, terms)
        upsert_judged(connection, judge(new, around, surges, terms, at))
    return len(new)


def escalate(connection: Connection, policy: SurgePolicy) -> None:
    """Let alarms go one level up that nobody has acknowledged in time."""
    if due := lock_surges_to_escalate(connection):
        at = event_time(connection)
        for surge in due:
            update_escalated(connection, escalated(surge, policy.terms_at(surge.raised_at)), at)
