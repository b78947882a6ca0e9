"""Messages for the public topic: a report as everyone may see it, or that nobody sees it any more."""

from uuid import UUID

from contracts.envelope import Outgoing, encode, follows, tombstone
from contracts.events.public import PublicReport
from contracts.topics import PUBLIC_MAP, PUBLIC_REPORT


def public_report_message(report: PublicReport) -> Outgoing:
    """The message that publishes a version of a report; made again, it has the same id."""
    # Without a cause: the envelope would carry the minute of the citizen's press of the button to everyone.
    event_id = follows(report.report_id, f"public/{report.version}")
    return encode(report, source=PUBLIC_MAP, at=report.changed_at, event_id=event_id)


def withdrawal_message(report_id: UUID) -> Outgoing:
    """The tombstone of a report that left the map."""
    return tombstone(PUBLIC_REPORT, str(report_id))
