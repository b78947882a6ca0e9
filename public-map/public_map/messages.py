"""What public-map says on the public topic: a report as everyone may see it, or that it left the map."""

from collections.abc import Iterable
from uuid import UUID

from contracts.envelope import Outgoing, encode, follows, tombstone
from contracts.public import PublicReport
from contracts.topics import PUBLIC_MAP, PUBLIC_REPORT


def shown(report: PublicReport) -> Outgoing:
    """The report on the map; said again, it has the same id."""
    # Without a cause: the envelope would carry the minute of the citizen's press of the button to everyone.
    event_id = follows(report.report_id, f"public/{report.version}")
    return encode(report, source=PUBLIC_MAP, at=report.changed_at, event_id=event_id)


def gone(report_ids: Iterable[UUID]) -> list[Outgoing]:
    """The reports that are no longer on the map."""
    return [tombstone(PUBLIC_REPORT, str(report_id)) for report_id in report_ids]
