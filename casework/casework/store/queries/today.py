"""What a beat officer is to look at today: cases of the beat that are not decided, and due by the end of the day."""

from datetime import datetime
from typing import Any

from chassis.postgres import Connection
from contracts.events.cases import Executor
from contracts.statuses import Status

from casework.domain.case import owner_from
from casework.domain.officers import Officer
from casework.store.queries.lists import SUMMARY

LIMIT = 200


def list_today(connection: Connection, officer: Officer, until: datetime) -> list[dict[str, Any]]:
    """Up to LIMIT cases of the officer's beat, or unit where the token names none, by when they are due.

    Those that another than the beat officer was sent to are left out.
    """
    rows = connection.execute(
        f"select {SUMMARY}, weekdays, time_of_day, task_due_at, checks,"  # noqa: S608 (fixed words)
        " least(next_due_at, task_due_at) as until from cases"
        " where garrison = %(garrison)s and unit = %(unit)s and status = any(%(statuses)s) and merged_into is null"
        " and (%(beat)s::text is null or beat = %(beat)s) and coalesce(executor, %(mine)s) = %(mine)s"
        " and least(next_due_at, task_due_at) < %(until)s order by until, report_id limit %(limit)s",
        {
            "garrison": officer.garrison,
            "unit": officer.unit,
            "beat": officer.beat,
            "statuses": [Status.NEW.value, Status.VERIFICATION.value],
            "mine": Executor.BEAT_OFFICER.value,
            "until": until,
            "limit": LIMIT,
        },
        prepare=False,
    ).fetchall()
    return [row | {"owner": owner_from(row)} for row in rows]
