"""Counts and times of what is or was public, by place and by unit, from what is counted with every change.

Statements are put together from fixed words alone; every value is a parameter.
"""
# ruff: noqa: S608

import math
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from chassis.postgres import Connection
from contracts.statuses import DECIDED, Status

from public_map.domain.queries import BoundingBox
from public_map.domain.reading.statistics import Lasting, Scope, timed_categories
from public_map.domain.reading.tiles import COUNTED_FROM, COUNTED_TO, WORLD_UNITS, world_position

_VISIBLE = "(visible_until is null or visible_until > now())"
_BOXED = "place && st_makeenvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)"

_HANDLED = (
    "insert into handling as known (report_id, garrison, unit, tile_x, tile_y, month, take_up_hours,"
    " take_up_in_time, decision_hours, decision_in_time)"
    " select report.report_id, report.garrison, report.unit, shown.x >> 22, shown.y >> 22,"
    " date_trunc('month', case_submitted_at)::date,"
    " extract(epoch from date_trunc('hour', taken_up_at) - date_trunc('hour', case_submitted_at)) / 3600,"
    " take_up.outcome = 'met',"
    " extract(epoch from date_trunc('hour', decided_at) - date_trunc('hour', taken_up_at)) / 3600,"
    " verification.outcome = 'met'"
    " from report join lateral (select min(at) filter (where case_version.status <> 'new') as taken_up_at,"
    " min(at) filter (where case_version.status = any(%(decided)b::text[])) as decided_at"
    " from case_version where case_version.report_id = report.report_id) history on true"
    " left join public_report shown on shown.report_id = report.report_id"
    " left join clock take_up on take_up.report_id = report.report_id and take_up.clock = 'take-up'"
    " and take_up.cycle = 1"
    " left join clock verification on verification.report_id = report.report_id"
    " and verification.clock = 'verification' and verification.cycle = 1"
    " where report.report_id = any(%(reports)b::uuid[]) and report.version is not null and merged_into is null"
    " and report.category = any(%(categories)b::text[]) order by 1"
    " on conflict (report_id) do update set garrison = excluded.garrison, unit = excluded.unit,"
    " tile_x = coalesce(excluded.tile_x, known.tile_x), tile_y = coalesce(excluded.tile_y, known.tile_y),"
    " month = excluded.month, take_up_hours = excluded.take_up_hours,"
    " take_up_in_time = excluded.take_up_in_time, decision_hours = excluded.decision_hours,"
    " decision_in_time = excluded.decision_in_time"
)


def count_public_reports(connection: Connection, scope: Scope) -> dict[tuple[str, Status], int]:
    """How many reports are public now, by category and status; since an instant: of those that changed since."""
    if scope.box and scope.since is None and (zoom := _zoom_for(scope.box)) <= COUNTED_TO:
        statement, values = _counted_cells(scope.box, zoom)
    elif scope.box or scope.since:
        statement, values = _reports(scope)
    else:
        statement, values = _counted_units(scope)
    rows = connection.execute(
        f"select category, status, sum(reports)::int as reports from ({statement}) counted group by category, status"
        " having sum(reports) > 0".encode(),
        values,
        prepare=False,
    )
    return {(row["category"], Status(row["status"])): row["reports"] for row in rows}


def list_lasting(connection: Connection, scope: Scope) -> dict[str, list[Lasting]]:
    """How long take-up (`take_up`) and decision (`decision`) took: of a box, in the tiles of zoom 10 it touches."""
    conditions, values = [_owner(scope)] if not scope.box else [], _owner_values(scope)
    if scope.box:
        (x0, y0), (x1, y1) = world_position(scope.box[0], scope.box[3]), world_position(scope.box[2], scope.box[1])
        conditions.append("tile_x between %(x0)s and %(x1)s and tile_y between %(y0)s and %(y1)s")
        values |= {"x0": x0 >> 22, "x1": x1 >> 22, "y0": y0 >> 22, "y1": y1 >> 22}
    if scope.since:
        conditions.append("month >= date_trunc('month', %(since)s::timestamptz)::date")
    rows = connection.execute(
        "select measure, hours, sum(reports)::int as reports,"
        " coalesce(sum(reports) filter (where in_time), 0)::int as in_time,"
        " coalesce(sum(reports) filter (where in_time is not null), 0)::int as judged"
        f" from handling_count where {' and '.join(conditions)} group by measure, hours".encode(),
        values,
        prepare=False,
    )
    found: dict[str, list[Lasting]] = {"take_up": [], "decision": []}
    for row in rows:
        found[row["measure"]].append(Lasting(row["hours"], row["reports"], row["in_time"], row["judged"]))
    return found


def count_by_month(
    connection: Connection, unit: str | None, area: bytes | None
) -> dict[date, dict[tuple[str, Status], int]]:
    """How many of the reports that are public now were submitted in each month, by category and status.

    Of a unit, or of the ground that `area` (WKB, WGS 84) covers.
    """
    where = "st_covers(st_geomfromwkb(%(area)s, 4326), place)" if unit is None else "unit = %(unit)s"
    rows = connection.execute(
        "select date_trunc('month', submitted_at)::date as month, category, status, count(*)::int as reports"
        f" from public_report where {_VISIBLE} and {where} group by 1, 2, 3 order by 1, 2, 3".encode(),
        {"unit": unit, "area": area},
        prepare=False,
    )
    months: dict[date, dict[tuple[str, Status], int]] = {}
    for row in rows:
        months.setdefault(row["month"], {})[row["category"], Status(row["status"])] = row["reports"]
    return months


def list_lasting_by_month(connection: Connection, unit: str) -> dict[date, dict[str, list[Lasting]]]:
    """As `list_lasting` says of a unit, month by month."""
    rows = connection.execute(
        "select month, measure, hours, sum(reports)::int as reports,"
        " coalesce(sum(reports) filter (where in_time), 0)::int as in_time,"
        " coalesce(sum(reports) filter (where in_time is not null), 0)::int as judged"
        " from handling_count where unit = %(unit)s group by month, measure, hours",
        {"unit": unit},
        prepare=False,
    )
    months: dict[date, dict[str, list[Lasting]]] = {}
    for row in rows:
        found = months.setdefault(row["month"], {"take_up": [], "decision": []})
        found[row["measure"]].append(Lasting(row["hours"], row["reports"], row["in_time"], row["judged"]))
    return months


def upsert_handlings(connection: Connection, report_ids: Iterable[UUID]) -> None:
    """Work out anew how long these reports took; whoever calls this holds the lock on them.

    Of reports that end in others, and of categories that are not always public, nothing is kept.
    """
    wanted = sorted(set(report_ids))
    if not wanted:
        return
    values = {
        "reports": wanted, "categories": timed_categories(), "decided": sorted(status.value for status in DECIDED)
    }  # fmt: skip
    connection.execute(
        "delete from handling using report where handling.report_id = any(%(reports)b::uuid[])"
        " and report.report_id = handling.report_id"
        " and (report.merged_into is not null or report.category <> all(%(categories)b::text[]))",
        values,
    )
    connection.execute(_HANDLED, values)


def _zoom_for(box: BoundingBox) -> int:
    """The zoom at which the box is some tiles wide and high; above those that are counted where it is small."""
    (x0, y0), (x1, y1) = world_position(box[0], box[3]), world_position(box[2], box[1])
    span = max(x1 - x0, y1 - y0, 1)
    return max(COUNTED_FROM, math.floor(math.log2(WORLD_UNITS / span)) + 1)


def _counted_cells(box: BoundingBox, zoom: int) -> tuple[str, dict[str, Any]]:
    """The clusters whose mean place lies in the box, as somebody counts them who looks at it."""
    (x0, y0), (x1, y1) = world_position(box[0], box[3]), world_position(box[2], box[1])
    bits = 32 - zoom
    values = {"zoom": zoom, "x0": x0, "x1": x1, "y0": y0, "y1": y1, "bits": bits}
    values |= {"tx0": x0 >> bits, "tx1": x1 >> bits, "ty0": y0 >> bits, "ty1": y1 >> bits}
    inside = "x between %(x0)s and %(x1)s and y between %(y0)s and %(y1)s"
    return (
        "select category, status, reports from cluster where zoom = %(zoom)s"
        " and tile_x between %(tx0)s and %(tx1)s and tile_y between %(ty0)s and %(ty1)s"
        " and sum_x / reports between %(x0)s and %(x1)s and sum_y / reports between %(y0)s and %(y1)s"
        f" union all select category, status, -1 from public_report where visible_until <= now() and {inside}",
        values,
    )


def _reports(scope: Scope) -> tuple[str, dict[str, Any]]:
    conditions, values = [_VISIBLE], _owner_values(scope)
    if scope.box:
        conditions.append(_BOXED)
        values |= dict(zip(("west", "south", "east", "north"), scope.box, strict=True))
    else:
        conditions.append(_owner(scope))
    if scope.since:
        conditions.append("changed_at >= date_trunc('hour', %(since)s::timestamptz)")
    return f"select category, status, 1 as reports from public_report where {' and '.join(conditions)}", values


def _counted_units(scope: Scope) -> tuple[str, dict[str, Any]]:
    owner = _owner(scope)
    return (
        f"select category, status, reports from unit_count where {owner}"
        f" union all select category, status, -1 from public_report where visible_until <= now() and {owner}",
        _owner_values(scope),
    )


def _owner(scope: Scope) -> str:
    return "unit = %(unit)s" if scope.unit is not None else "garrison = %(garrison)s"


def _owner_values(scope: Scope) -> dict[str, Any]:
    return {"unit": scope.unit, "garrison": scope.garrison, "since": scope.since}
