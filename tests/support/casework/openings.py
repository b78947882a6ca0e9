"""The two events that together open a case, and a support of it."""

from datetime import timedelta
from typing import Any

from contracts.base import Owner
from contracts.events.districts import Level
from contracts.events.reports import ReportSubmitted, ReportSupported
from contracts.events.routing import Method, Reason, ReportRouted, ReportUnroutable
from support.events import OPOLE, SUBMITTED, report_id


def submitted(number: int = 1, category: str = "parking", **more: Any) -> ReportSubmitted:
    return ReportSubmitted(
        report_id=report_id(number),
        category=category,
        longitude=17.92,
        latitude=50.67,
        submitted_at=SUBMITTED + timedelta(seconds=number),
        receipt_sha256="0" * 64,
        **more,
    )


def routed(number: int = 1, owner: Owner = OPOLE, category: str = "parking", **more: Any) -> ReportRouted:
    return ReportRouted(
        report_id=report_id(number),
        longitude=17.92,
        latitude=50.67,
        category=category,
        submitted_at=SUBMITTED + timedelta(seconds=number),
        owner=owner,
        level=Level.AREA,
        district_name="Opole",
        method=Method.CONTAINS,
        border_m=120.0,
        boundary_version="1",
        **more,
    )


def unroutable(number: int = 1) -> ReportUnroutable:
    return ReportUnroutable(
        report_id=report_id(number),
        longitude=17.92,
        latitude=50.67,
        category="parking",
        submitted_at=SUBMITTED + timedelta(seconds=number),
        reason=Reason.OUTSIDE,
    )


def supported(number: int, sender: str, minutes: int = 5) -> ReportSupported:
    """Somebody else, told from others by one letter, saw the same."""
    said_at = SUBMITTED + timedelta(minutes=minutes)
    return ReportSupported(report_id=report_id(number), said_at=said_at, sender=sender * 64)
