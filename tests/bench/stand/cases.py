"""What casework would say of reports, where casework itself is not to run."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from contracts.base import Owner
from contracts.envelope import Outgoing, encode, follows
from contracts.events.cases import CaseChange, CaseOpened, CaseTakenUp
from contracts.events.reports import ReportSubmitted
from contracts.statuses import Status
from contracts.topics import CASEWORK

OWNER = Owner(garrison="KSP", unit="KRP-1", unit_name="Komenda Rejonowa Policji Warszawa I", district="146510")


def opened(reports: Sequence[Outgoing], at: datetime) -> list[Outgoing]:
    """The case of each report is opened."""
    return [_message(CaseOpened(**_state(report, 1, Status.NEW, at), routed=True), at) for report in reports]


def taken_up(reports: Sequence[Outgoing], at: datetime) -> list[Outgoing]:
    """Each is taken up, which stops its first clock and starts the second."""
    return [_message(CaseTakenUp(**_state(report, 2, Status.VERIFICATION, at)), at) for report in reports]


def _state(message: Outgoing, version: int, status: Status, at: datetime) -> dict[str, Any]:
    report = msgspec.json.decode(message.value or b"", type=ReportSubmitted)
    return {
        "report_id": report.report_id,
        "version": version,
        "changed_at": at,
        "case_number": f"KSP-26-{report.report_id.int % 10**9:09}",
        "status": status,
        "category": report.category,
        "longitude": report.longitude,
        "latitude": report.latitude,
        "owner": OWNER,
        "submitted_at": report.submitted_at,
        "running_since": report.submitted_at if status is Status.NEW else at,
    }


def _message(event: CaseChange, at: datetime) -> Outgoing:
    what = f"{type(event).__name__}/{event.version}"
    return encode(event, source=CASEWORK, at=at, event_id=follows(event.report_id, what))
