"""Alarms and the reports of the last day they are looked for in; always together with the event."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import cos, radians
from typing import Any
from uuid import UUID, uuid5

from chassis import outbox
from chassis.postgres import Connection, columns
from contracts.base import Owner
from contracts.envelope import encode
from contracts.events.cases import Role
from contracts.events.duty.surges import SurgeAcknowledged, SurgeEscalated, SurgeEvent, SurgeRaised
from contracts.policy.surges import SurgeTerms
from contracts.topics import CASEWORK
from prometheus_client import Counter

from casework.domain.duty.surges import METRES_A_DEGREE, Judged, RecentReport, Surge
from casework.domain.officers import Officer

ALARMS = Counter("kmzb_casework_alarms_total", "Alarms of surges: raised, gone up, acknowledged", ["step"])
_DAY = timedelta(days=1)
_SURGE = (
    "surge_id, garrison, unit, unit_name, longitude, latitude, reports, first_at, last_at, raised_at, told,"
    " escalate_at, acknowledged_at"
)
_REPORT = "report_id, submitted_at, longitude, latitude, garrison, unit, unit_name, surge_id"


def lock_surge_watch(connection: Connection) -> bool:
    """Whether nobody else looks for surges until this transaction ends."""
    row = connection.execute("select pg_try_advisory_xact_lock(hashtext('surges')) as locked").fetchone()
    return bool(row and row["locked"])


def claim_new_reports(connection: Connection, limit: int) -> list[RecentReport]:
    """Reports nobody has looked at yet, the first submitted first; they count as looked at with this transaction."""
    rows = connection.execute(
        "update recent_report set judged = true where report_id in (select report_id from recent_report"  # noqa: S608
        f" where not judged order by submitted_at, report_id limit %s) returning {_REPORT}",
        (limit,),
    ).fetchall()
    return [_report(row) for row in rows]


def list_reports_around(connection: Connection, new: Sequence[RecentReport], terms: SurgeTerms) -> list[RecentReport]:
    """All reports within three times the distance and the time of one of these, in a box round each."""
    north = 3 * terms.metres / METRES_A_DEGREE
    boxes = columns(
        (report.longitude, report.latitude, report.submitted_at, north / cos(radians(report.latitude)))
        for report in new
    )
    if not boxes:
        return []
    rows = connection.execute(
        f"select distinct {_REPORT} from unnest(%b::float8[], %b::float8[], %b::timestamptz[], %b::float8[])"  # noqa: S608
        " as middle (x, y, t, east) join recent_report on latitude between y - %b and y + %b"
        " and longitude between x - east and x + east and submitted_at between t - %b and t + %b",
        (*boxes, north, north, terms.within.plain, terms.within.plain),
    ).fetchall()
    return [_report(row) for row in rows]


def lock_surges(connection: Connection, since: datetime, until: datetime) -> list[Surge]:
    """The surges with reports submitted between two instants, locked."""
    rows = connection.execute(
        f"select {_SURGE} from surge where last_at >= %s and first_at <= %s order by surge_id for update",  # noqa: S608
        (since, until),
    ).fetchall()
    return [_surge(row) for row in rows]


def lock_surges_to_escalate(connection: Connection) -> list[Surge]:
    """The alarms nobody has acknowledged in time, locked."""
    rows = connection.execute(
        f"select {_SURGE} from surge where escalate_at <= now() order by surge_id for update"  # noqa: S608
    ).fetchall()
    return [_surge(row) for row in rows]


def upsert_judged(connection: Connection, judged: Judged) -> None:
    """Write what was judged: the alarms that are raised, each with its event, and whose the reports are."""
    if raised := judged.raised:
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into surge (surge_id, garrison, unit, unit_name, longitude, latitude, reports, first_at,"
                " last_at, raised_at, told, escalate_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    (one.surge_id, one.owner.garrison, one.owner.unit, one.owner.unit_name, one.longitude)
                    + (one.latitude, one.reports, one.first_at, one.last_at, one.raised_at, one.told, one.escalate_at)
                    for one in raised
                ],
            )
        for one in raised:
            _publish(connection, SurgeRaised(**_said(one)), "raised", one.raised_at)
    if judged.grew:
        connection.execute(
            "update surge set reports = new.reports, first_at = new.first_at, last_at = new.last_at"
            " from unnest(%b::uuid[], %b::integer[], %b::timestamptz[], %b::timestamptz[])"
            " as new (surge_id, reports, first_at, last_at) where surge.surge_id = new.surge_id",
            columns((one.surge_id, one.reports, one.first_at, one.last_at) for one in judged.grew),
        )
    if judged.members:
        connection.execute(
            "update recent_report set surge_id = new.surge_id from unnest(%b::uuid[], %b::uuid[])"
            " as new (report_id, surge_id) where recent_report.report_id = new.report_id",
            columns(sorted(judged.members.items())),
        )


def update_escalated(connection: Connection, surge: Surge, at: datetime) -> None:
    """Write that an alarm went one level up, with its event."""
    connection.execute(
        "update surge set told = %s, escalate_at = %s where surge_id = %s",
        (surge.told, surge.escalate_at, surge.surge_id),
    )
    to: Any = surge.told
    _publish(connection, SurgeEscalated(**_said(surge), to=to, escalated_at=at), to, at)


def lock_surge(connection: Connection, surge_id: UUID) -> Surge | None:
    """One alarm, locked; None where it is out of sight."""
    row = connection.execute(
        f"select {_SURGE} from surge where surge_id = %s for update",  # noqa: S608 (fixed words)
        (surge_id,),
    ).fetchone()
    return _surge(row) if row else None


def update_acknowledged(connection: Connection, surge: Surge, officer: Officer, at: datetime) -> None:
    """Write that an officer has an alarm in hand, with its event."""
    connection.execute(
        "update surge set acknowledged_at = %s, acknowledged_by = %s, acknowledged_role = %s, escalate_at = null"
        " where surge_id = %s",
        (at, officer.subject, officer.role.value, surge.surge_id),
    )
    event = SurgeAcknowledged(**_said(surge), acknowledged_at=at, actor=Role(officer.role))
    _publish(connection, event, "acknowledged", at)


def list_alarms(connection: Connection, within: timedelta, limit: int) -> list[dict[str, Any]]:
    """The alarms in sight that are open, and those raised within a time; open ones first, then the newest.

    Each has its `cases`.
    """
    rows = connection.execute(
        f"select {_SURGE}, acknowledged_by, acknowledged_role from surge"  # noqa: S608 (fixed words)
        " where acknowledged_at is null or raised_at >= now() - %s"
        " order by acknowledged_at is not null, raised_at desc, surge_id limit %s",
        (within, limit),
    ).fetchall()
    cases: dict[UUID, list[dict[str, Any]]] = {row["surge_id"]: [] for row in rows}
    for found in connection.execute(
        "select surge_id, report_id, number, category, status from recent_report join cases using (report_id)"
        " where surge_id = any(%b::uuid[]) order by cases.submitted_at, report_id",
        (list(cases),),
    ):
        cases[found["surge_id"]].append(found)
    return [row | {"cases": cases[row["surge_id"]][:50]} for row in rows]


def delete_old_reports(connection: Connection) -> None:
    """Forget what no surge can begin with any more."""
    connection.execute("delete from recent_report where surge_id is null and submitted_at < now() - %s", (2 * _DAY,))


def _said(surge: Surge) -> dict[str, Any]:
    """What every event says of an alarm: it is about the report in its middle."""
    return {
        "report_id": surge.surge_id,
        "surge_id": surge.surge_id,
        "owner": surge.owner,
        "longitude": surge.longitude,
        "latitude": surge.latitude,
        "reports": surge.reports,
        "first_at": surge.first_at,
        "last_at": surge.last_at,
        "raised_at": surge.raised_at,
    }


def _publish(connection: Connection, event: SurgeEvent, step: str, at: datetime) -> None:
    """Its id is the step's own, so that a repeat shows."""
    message = encode(event, source=CASEWORK, at=at, event_id=uuid5(event.surge_id, f"surge/{step}"))
    outbox.append(connection, [message])
    connection.after_commit(ALARMS.labels(step).inc)


def _report(row: dict[str, Any]) -> RecentReport:
    place = ("report_id", "submitted_at", "longitude", "latitude", "surge_id")
    return RecentReport(**{name: row[name] for name in place}, owner=_owner(row))


def _surge(row: dict[str, Any]) -> Surge:
    fields = [name for name in Surge.__dataclass_fields__ if name != "owner"]
    return Surge(**{name: row[name] for name in fields}, owner=_owner(row))


def _owner(row: dict[str, Any]) -> Owner:
    return Owner(garrison=row["garrison"], unit=row["unit"], unit_name=row["unit_name"])
