"""What is published of a report: that it exists, and its words apart."""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec
from contracts.base import ReportEvent
from contracts.envelope import Outgoing, encode, follows
from contracts.events.reports import FollowUp, FollowUpWords, ReportContent, ReportSubmitted
from contracts.policy.emergency import reads_like_emergency
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
        has_content=form.description is not None or bool(form.photos),
        has_contact=form.contact is not None,
        emergency_like=form.description is not None and reads_like_emergency(form.description),
        continues=form.continues,
    )


def report_content(form: ReportForm, report_id: UUID, photos: tuple[str, ...] = ()) -> ReportContent | None:
    """The citizen's words and the names of their photos for their own topic; None where there are neither."""
    if form.description is None and not photos:
        return None
    return ReportContent(report_id=report_id, description=form.description, photos=photos)


def message_of(event: ReportEvent, at: datetime, traceparent: str, submitted_at: datetime | None = None) -> Outgoing:
    """One id for one text and one time: what is written again is the same in every byte, or another event."""
    digest = hashlib.sha256(msgspec.json.encode(event)).hexdigest()
    event_id = follows(event.report_id, f"{type(event).__name__}/{at.isoformat()}/{digest}")
    return encode(event, source=INTAKE, at=at, event_id=event_id, submitted_at=submitted_at, traceparent=traceparent)


def with_words(said: Outgoing, event: FollowUp, words: str, traceparent: str) -> list[list[Outgoing]]:
    """The stages in which a follow-up is written: the words it is said with, if any, then `said`, which says it."""
    if not words:
        return [[said]]
    named = UUID(dict(said.headers)["ce_id"].decode())
    content = FollowUpWords(report_id=event.report_id, follow_up=named, text=words)
    return [[message_of(content, event.said_at, traceparent)], [said]]
