"""What is published of a report: that it exists, and its words apart."""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec
from contracts.base import ReportEvent
from contracts.envelope import Outgoing, encode, follows
from contracts.events.reports import ReportContent, ReportSubmitted
from contracts.topics import INTAKE

from intake.domain.forms import ReportForm


def report_submitted(form: ReportForm, report_id: UUID, receipt: str, at: datetime) -> ReportSubmitted:
    """The fact that a report exists, without words and without contact."""
    return ReportSubmitted(
        report_id=report_id,
        category=form.category,
        longitude=form.longitude,
        latitude=form.latitude,
        submitted_at=at,
        occurred_at=form.occurred_at,
        weekdays=tuple(sorted(set(form.weekdays))),
        time_of_day=form.time_of_day,
        language=form.language,
        receipt_sha256=hashlib.sha256(receipt.encode()).hexdigest(),
        has_content=form.description is not None,
        has_contact=form.contact is not None,
    )


def report_content(form: ReportForm, report_id: UUID) -> ReportContent | None:
    """The citizen's words for their own topic; None where there are none."""
    return None if form.description is None else ReportContent(report_id=report_id, description=form.description)


def message_of(event: ReportEvent, at: datetime, traceparent: str, submitted_at: datetime | None = None) -> Outgoing:
    """One id for one text and one time: what is written again is the same in every byte, or another event."""
    digest = hashlib.sha256(msgspec.json.encode(event)).hexdigest()
    event_id = follows(event.report_id, f"{type(event).__name__}/{at.isoformat()}/{digest}")
    return encode(event, source=INTAKE, at=at, event_id=event_id, submitted_at=submitted_at, traceparent=traceparent)
