"""Open cases that may be the same as another: of its category, within the radius the category gives."""

from math import cos, radians
from typing import Any
from uuid import UUID

from chassis.postgres import Connection
from contracts.policy.categories import category
from contracts.statuses import OPEN

from casework.domain.case import owner_from
from casework.store.queries.lists import SUMMARY

LIMIT = 20
_METRES_A_DEGREE = 111_320.0
"""Of latitude, everywhere; of longitude at the equator. Within some hundred metres the Earth is flat enough."""


def list_similar(connection: Connection, report_id: UUID) -> list[dict[str, Any]] | None:
    """Up to LIMIT other open cases in sight, the nearest first, each with `metres` between them; None where the case
    itself is not in sight.
    """
    row = connection.execute(
        "select category, longitude, latitude from cases where report_id = %s", (report_id,)
    ).fetchone()
    if row is None:
        return None
    known = category(row["category"])
    metres = float(known.same_m if known else 0)
    lengthwise = _METRES_A_DEGREE * cos(radians(row["latitude"]))
    values = {
        **row,
        "report_id": report_id,
        "limit": LIMIT,
        "open": [status.value for status in OPEN],
        "metres": metres,
        "east": lengthwise,
        "north": _METRES_A_DEGREE,
        "dx": metres / lengthwise,
        "dy": metres / _METRES_A_DEGREE,
    }
    found = connection.execute(
        f"select * from (select {SUMMARY},"  # noqa: S608 (fixed words)
        " sqrt(power((longitude - %(longitude)s) * %(east)s, 2) + power((latitude - %(latitude)s) * %(north)s, 2))"
        " as metres from cases where category = %(category)s and merged_into is null"
        " and status = any(%(open)s)"
        " and latitude between %(latitude)s - %(dy)s and %(latitude)s + %(dy)s"
        " and longitude between %(longitude)s - %(dx)s and %(longitude)s + %(dx)s"
        " and report_id <> %(report_id)s) as near where metres <= %(metres)s"
        " order by metres, report_id limit %(limit)s",
        values,
        prepare=False,
    ).fetchall()
    return [row | {"owner": owner_from(row)} for row in found]
