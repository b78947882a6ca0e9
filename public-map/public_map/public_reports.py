"""The table of what everyone may see, and the topic's twin: every question here touches no other table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.postgres import Connection, columns
from contracts.public import PublicReport
from contracts.statuses import Status

_COLUMNS = (
    "report_id, version, category, status, longitude, latitude, submitted_at, changed_at, garrison, unit, unit_name,"
    " supporters"
)
# The worker may be late by a second; an answer is not.
_VISIBLE = "(visible_until is null or visible_until > now())"


def show(connection: Connection, reports: Sequence[tuple[PublicReport, datetime | None]]) -> None:
    """Put reports on the map, each until the instant beside it."""
    values = columns(
        (r.report_id, r.version, r.category, r.status.value, r.longitude, r.latitude, r.submitted_at, r.changed_at)
        + (r.garrison, r.unit, r.unit_name, r.supporters, until)
        for r, until in reports
    )
    if values:
        connection.execute(
            "insert into public_report (report_id, version, category, status, longitude, latitude, submitted_at,"
            " changed_at, garrison, unit, unit_name, supporters, visible_until)"
            " select * from unnest(%b::uuid[], %b::int[], %b::text[], %b::text[], %b::float8[], %b::float8[],"
            " %b::timestamptz[], %b::timestamptz[], %b::text[], %b::text[], %b::text[], %b::int[], %b::timestamptz[])"
            " order by 1 on conflict (report_id) do update set version = excluded.version,"
            " category = excluded.category, status = excluded.status,"
            " longitude = excluded.longitude, latitude = excluded.latitude,"
            " submitted_at = excluded.submitted_at, changed_at = excluded.changed_at, garrison = excluded.garrison,"
            " unit = excluded.unit, unit_name = excluded.unit_name, supporters = excluded.supporters,"
            " visible_until = excluded.visible_until",
            values,
        )


def hide(connection: Connection, report_ids: Sequence[UUID]) -> list[UUID]:
    """Take reports off the map; returns those that were on it."""
    rows = connection.execute(
        "with gone as (select report_id from public_report where report_id = any(%b::uuid[])"
        " order by report_id for update)"
        " delete from public_report using gone where public_report.report_id = gone.report_id"
        " returning public_report.report_id",
        (list(report_ids),),
    ).fetchall()
    return sorted(row["report_id"] for row in rows)


def take_expired(connection: Connection, limit: int) -> list[UUID]:
    """Take off the map what is past its time by the database's clock, save what another instance is at."""
    rows = connection.execute(
        "with expired as (select report_id from public_report where visible_until <= now()"
        " order by visible_until limit %b for update skip locked)"
        " delete from public_report using expired where public_report.report_id = expired.report_id"
        " returning public_report.report_id",
        (limit,),
    ).fetchall()
    return sorted(row["report_id"] for row in rows)


def versions(connection: Connection, among: Sequence[UUID] | None = None) -> dict[UUID, int]:
    """The version of every report that is on the map, or of those among them."""
    rows = connection.execute(
        "select report_id, version from public_report where %b::uuid[] is null or report_id = any(%b::uuid[])",
        [among if among is None else list(among)] * 2,
    )
    return {row["report_id"]: row["version"] for row in rows}


def of(connection: Connection, report_ids: Sequence[UUID]) -> list[PublicReport]:
    """These reports, as far as they are on the map."""
    rows = connection.execute(
        f"select {_COLUMNS} from public_report where report_id = any(%b::uuid[]) order by report_id",  # noqa: S608
        (list(report_ids),),
    ).fetchall()
    return [_report(row) for row in rows]


def keep_as_it_is(connection: Connection) -> None:
    """Nobody else changes the map until this transaction ends; what waits for it speaks after it. Reading goes on."""
    connection.execute("lock table public_report in share row exclusive mode")


WORLD = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reports are asked for. `box` is west, south, east, north; empty `categories` or `statuses` ask for all."""

    box: tuple[float, float, float, float] = WORLD
    categories: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    since: datetime | None = None
    after: UUID | None = None


def find(connection: Connection, wanted: Wanted, limit: int) -> list[PublicReport]:
    """At most `limit` reports in the order of their ids, which never change, so that no page loses or repeats one."""
    rows = connection.execute(
        f"select {_COLUMNS} from public_report where {_VISIBLE}"  # noqa: S608 (fixed words)
        " and place && st_makeenvelope(%s, %s, %s, %s, 4326)"
        " and (%s::text[] is null or category = any(%s::text[]))"
        " and (%s::text[] is null or status = any(%s::text[]))"
        " and (%s::timestamptz is null or changed_at >= date_trunc('hour', %s::timestamptz))"
        " and (%s::uuid is null or report_id > %s::uuid)"
        " order by report_id limit %s",
        (
            *wanted.box,
            *[list(wanted.categories) or None] * 2,
            *[[status.value for status in wanted.statuses] or None] * 2,
            *[wanted.since] * 2,
            *[wanted.after] * 2,
            limit,
        ),
    ).fetchall()
    return [_report(row) for row in rows]


def find_nearby(
    connection: Connection,
    category: str,
    statuses: Sequence[Status],
    longitude: float,
    latitude: float,
    metres: float,
    box: tuple[float, float, float, float],
    limit: int,
) -> list[tuple[PublicReport, float]]:
    """The reports within so many metres and how far each is, the nearest first. `box` holds them all."""
    rows = connection.execute(
        f"select {_COLUMNS}, metres from public_report,"  # noqa: S608 (fixed words)
        " st_distance(place::geography, st_setsrid(st_makepoint(%s, %s), 4326)::geography) as metres"
        f" where {_VISIBLE} and place && st_makeenvelope(%s, %s, %s, %s, 4326)"
        " and category = %s and status = any(%s::text[]) and metres <= %s order by metres, report_id limit %s",
        (longitude, latitude, *box, category, [status.value for status in statuses], metres, limit),
    ).fetchall()
    return [(_report(row), row["metres"]) for row in rows]


def count_by_status(connection: Connection) -> dict[Status, int]:
    rows = connection.execute(
        f"select status, count(*) as reports from public_report where {_VISIBLE} group by status"  # noqa: S608
    ).fetchall()
    return dict.fromkeys(Status, 0) | {Status(row["status"]): row["reports"] for row in rows}


def _report(row: dict[str, Any]) -> PublicReport:
    fields = {name: row[name] for name in PublicReport.__struct_fields__}
    return PublicReport(**{**fields, "status": Status(row["status"])})
