"""The table of what everyone may see, and the topic's twin: every question here touches no other table."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, LiteralString
from uuid import UUID

from chassis.postgres import Connection, columns
from contracts.events.public import PublicReport
from contracts.statuses import Status

from public_map.domain.effects import Publication
from public_map.domain.queries import WORLD, NearbyQuery, Order, ReportFilter

_COLUMNS = (
    "report_id, version, category, status, longitude, latitude, submitted_at, changed_at, garrison, unit, unit_name,"
    " supporters, imported"
)
_BOX: LiteralString = "place && st_makeenvelope(%s, %s, %s, %s, 4326)"
_METRES: LiteralString = (
    ", round(st_x(st_transform(place, 2180))::numeric, 2)::float8 as easting,"
    " round(st_y(st_transform(place, 2180))::numeric, 2)::float8 as northing"
)
_ORDERS: Mapping[Order, LiteralString] = {
    Order.ID: "report_id",
    Order.SUBMITTED: "submitted_at desc, report_id desc",
    Order.CHANGED: "changed_at, report_id",
    Order.CHANGED_LAST: "changed_at desc, report_id desc",
}
_BEYOND: Mapping[Order, LiteralString] = {
    Order.SUBMITTED: "(submitted_at, report_id) < (%s, %s)",
    Order.CHANGED: "(changed_at, report_id) > (%s, %s)",
    Order.CHANGED_LAST: "(changed_at, report_id) < (%s, %s)",
}
_Condition = tuple[LiteralString, Sequence[Any] | None]
# The worker that deletes may be late by a second; an answer is not.
_VISIBLE = "(visible_until is null or visible_until > now())"


def upsert_public_reports(connection: Connection, publications: Iterable[Publication]) -> None:
    """Let everyone see these reports from now on."""
    values = columns(_columns_of(publication) for publication in publications)
    if values:
        connection.execute(
            "insert into public_report (report_id, version, category, status, longitude, latitude, submitted_at,"
            " changed_at, garrison, unit, unit_name, supporters, imported, visible_until)"
            " select * from unnest(%b::uuid[], %b::int[], %b::text[], %b::text[], %b::float8[], %b::float8[],"
            " %b::timestamptz[], %b::timestamptz[], %b::text[], %b::text[], %b::text[], %b::int[], %b::bool[],"
            " %b::timestamptz[])"
            " order by 1 on conflict (report_id) do update set version = excluded.version,"
            " category = excluded.category, status = excluded.status,"
            " longitude = excluded.longitude, latitude = excluded.latitude,"
            " submitted_at = excluded.submitted_at, changed_at = excluded.changed_at, garrison = excluded.garrison,"
            " unit = excluded.unit, unit_name = excluded.unit_name, supporters = excluded.supporters,"
            " imported = excluded.imported, visible_until = excluded.visible_until",
            values,
        )


def delete_public_reports(connection: Connection, report_ids: Iterable[UUID]) -> list[UUID]:
    """Let nobody see these reports any more; returns those that were public, in order."""
    doomed = list(report_ids)
    if not doomed:
        return []
    rows = connection.execute(
        "with doomed as (select report_id from public_report where report_id = any(%b::uuid[])"
        " order by report_id for update)"
        " delete from public_report using doomed where public_report.report_id = doomed.report_id"
        " returning public_report.report_id",
        (doomed,),
    ).fetchall()
    return sorted(row["report_id"] for row in rows)


def delete_expired_public_reports(connection: Connection, limit: int) -> list[UUID]:
    """Delete at most `limit` whose time is over by the database's clock, save those another transaction holds.

    Returns them in order.
    """
    rows = connection.execute(
        "with expired as (select report_id from public_report where visible_until <= now()"
        " order by visible_until limit %b for update skip locked)"
        " delete from public_report using expired where public_report.report_id = expired.report_id"
        " returning public_report.report_id",
        (limit,),
    ).fetchall()
    return sorted(row["report_id"] for row in rows)


def list_public_reports(connection: Connection, report_ids: Iterable[UUID]) -> list[PublicReport]:
    """These reports, as far as they are public, in the order of their ids."""
    rows = connection.execute(
        f"select {_COLUMNS} from public_report where report_id = any(%b::uuid[]) order by report_id",  # noqa: S608
        (list(report_ids),),
    )
    return [_report(row) for row in rows]


def find_public_reports(connection: Connection, wanted: ReportFilter, limit: int) -> list[PublicReport]:
    """At most `limit` reports in the order that is wanted, each of which is total: no page loses or repeats one."""
    return [_report(row) for row in list_rows(connection, wanted, limit)]


def list_rows(
    connection: Connection, wanted: ReportFilter, limit: int, *, in_metres: bool = False
) -> list[dict[str, Any]]:
    """The same as rows of a file; `in_metres` with `easting` and `northing` in EPSG:2180, to the centimetre.

    What is not asked for is not in the statement, and it is planned for these values: a prepared one takes the same way
    for a village and for the whole country.
    """
    asked = [(words, values) for words, values in (*_conditions(wanted), _beyond(wanted)) if values is not None]
    return connection.execute(
        f"select {_COLUMNS}{_METRES if in_metres else ''} from public_report where "  # noqa: S608 (fixed words)
        f"{' and '.join([_VISIBLE, *(words for words, _ in asked)])} order by {_ORDERS[wanted.order]} limit %s",
        (*(value for _, values in asked for value in values), limit),
        prepare=False,
    ).fetchall()


def _conditions(wanted: ReportFilter) -> list[_Condition]:
    west, south, east, north = wanted.box
    # What lies across the 180th meridian is two boxes.
    halves = [west, south, 180, north, -180, south, east, north] if west > east else None
    return [
        (_BOX, wanted.box if wanted.box != WORLD and not halves else None),
        (f"({_BOX} or {_BOX})", halves),
        ("st_covers(st_geomfromwkb(%s, 4326), place)", [wanted.area] if wanted.area else None),
        ("report_id = any(%s::uuid[])", [list(wanted.ids)] if wanted.ids is not None else None),
        ("category = any(%s::text[])", [list(wanted.categories)] if wanted.categories else None),
        ("status = any(%s::text[])", [_values(wanted.statuses)] if wanted.statuses else None),
        ("unit = %s", [wanted.unit] if wanted.unit is not None else None),
        ("imported = %s", [wanted.imported] if wanted.imported is not None else None),
        ("changed_at >= date_trunc('hour', %s::timestamptz)", [wanted.since] if wanted.since else None),
        ("submitted_at between %s and %s", wanted.submitted),
        ("changed_at between %s and %s", wanted.changed),
    ]


def _beyond(wanted: ReportFilter) -> _Condition:
    if wanted.order is Order.ID:
        return "report_id > %s::uuid", [wanted.after] if wanted.after else None
    place = [wanted.after_at, wanted.after] if wanted.after else None
    return _BEYOND[wanted.order], place


def find_nearby(connection: Connection, query: NearbyQuery, limit: int) -> list[tuple[PublicReport, float]]:
    """At most `limit` reports and how many metres away each is, on the ellipsoid, the nearest first.

    None that were imported: who leaves it at "I see it, too" there would tell nobody.
    """
    rows = connection.execute(
        f"select {_COLUMNS}, metres from public_report,"  # noqa: S608 (fixed words)
        " st_distance(place::geography, st_setsrid(st_makepoint(%s, %s), 4326)::geography) as metres"
        f" where {_VISIBLE} and not imported and place && st_makeenvelope(%s, %s, %s, %s, 4326)"
        " and category = %s and status = any(%s::text[]) and metres <= %s order by metres, report_id limit %s",
        (query.longitude, query.latitude, *query.box, query.category, _values(query.statuses), query.within_m, limit),
    )
    return [(_report(row), row["metres"]) for row in rows]


def count_by_status(connection: Connection) -> dict[Status, int]:
    """How many reports everyone can see at this moment, for every status: some 0.3 s of CPU for a million."""
    connection.execute("set local statement_timeout = '10min'")
    rows = connection.execute(
        f"select status, count(*) as reports from public_report where {_VISIBLE} group by status"  # noqa: S608
    )
    return dict.fromkeys(Status, 0) | {Status(row["status"]): row["reports"] for row in rows}


def _columns_of(publication: Publication) -> tuple[Any, ...]:
    report = publication.report
    return (
        report.report_id,
        report.version,
        report.category,
        report.status.value,
        report.longitude,
        report.latitude,
        report.submitted_at,
        report.changed_at,
        report.garrison,
        report.unit,
        report.unit_name,
        report.supporters,
        report.imported,
        publication.until,
    )


def _values(statuses: Iterable[Status]) -> list[str]:
    return [status.value for status in statuses]


def _report(row: dict[str, Any]) -> PublicReport:
    fields = {name: row[name] for name in PublicReport.__struct_fields__}
    return PublicReport(**{**fields, "status": Status(row["status"])})
