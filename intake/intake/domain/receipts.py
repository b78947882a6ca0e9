"""What a citizen gets back for a report that is on the log."""

from datetime import datetime
from uuid import UUID

import msgspec
from contracts.events.reports import ReportSubmitted
from contracts.policy.categories import Category
from contracts.policy.terms import Promise
from contracts.statuses import LABELS, Status


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go on: `page` for people, `status` for programs; to the others one posts."""

    page: str
    status: str
    support: str
    contest: str
    answer: str
    withdrawal: str
    erasure: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a citizen gets. `receipt` is theirs alone: who has it can follow and contest the report.

    `verify_by` is the latest instant a decision is due, if the report is taken up on the last day.
    """

    report_id: UUID
    receipt: str
    status: Status
    status_label: str
    category: str
    category_name: str
    submitted_at: datetime
    take_up_by: datetime
    verify_by: datetime
    links: Links
    note: str


def receipt_answer(
    event: ReportSubmitted, category: Category, receipt: str, promise: Promise, map_url: str, note: str
) -> Receipt:
    """What the one who reports is answered, in the language of the report, which the note is in, too."""
    return Receipt(
        report_id=event.report_id,
        receipt=receipt,
        status=Status.NEW,
        status_label=LABELS[Status.NEW][event.language],
        category=event.category,
        category_name=category.name(event.language),
        submitted_at=event.submitted_at,
        take_up_by=promise.take_up_by,
        verify_by=promise.verify_by,
        links=Links(
            page=f"{map_url.rstrip('/')}/r/{receipt}",
            status=f"{map_url.rstrip('/')}/v1/receipts/{receipt}",
            support=f"/v1/reports/{event.report_id}/support",
            contest=f"/v1/receipts/{receipt}/contest",
            answer=f"/v1/receipts/{receipt}/answer",
            withdrawal=f"/v1/receipts/{receipt}/withdrawal",
            erasure=f"/v1/receipts/{receipt}/erasure",
        ),
        note=note,
    )
