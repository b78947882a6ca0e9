"""Service requests and their updates, as everyone sees them on the map."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from contracts.events.public import PublicReport
from contracts.policy.categories import category
from contracts.policy.terms import Policy
from contracts.statuses import LABELS, Language

from public_map.api.cursor import encode_moment
from public_map.api.open311.catalogue import service_name
from public_map.api.open311.documents import Document
from public_map.api.open311.parameters import Paged
from public_map.domain.open311 import expected_at, state


def requests_document(
    reports: Sequence[PublicReport], policy: Policy, language: Language, *, extended: bool
) -> Document:
    """Reports as service requests. What is nobody's to see, a description or a picture, is empty."""
    return Document("service_requests", [_request(report, policy, language, extended) for report in reports])


def updates_document(reports: Sequence[PublicReport], language: Language) -> Document:
    """Of each report the newest change, as the extension `servicerequestupdates` writes it."""
    return Document("service_request_updates", [_update(report, language) for report in reports])


def link_to_next(path: str, query: Paged, page: Sequence[PublicReport], *, changed: bool = False) -> dict[str, str]:
    """The header that leads to the page after one that ended with these reports."""
    last = page[-1]
    place = encode_moment(last.changed_at if changed else last.submitted_at, last.report_id)
    asked = query.model_dump(mode="json", exclude_defaults=True, exclude={"next", "api_key"})
    return {"Link": f'<{path}?{urlencode({**asked, "next": place})}>; rel="next"'}


def _request(report: PublicReport, policy: Policy, language: Language, extended: bool) -> dict[str, Any]:
    known = category(report.category)
    request = {
        "service_request_id": str(report.report_id),
        "status": state(report.status),
        "status_notes": LABELS[report.status][language],
        "service_name": service_name(known, report.category, language),
        "service_code": report.category,
        "description": None,
        "agency_responsible": report.unit_name,
        "service_notice": None,
        "requested_datetime": report.submitted_at,
        "updated_datetime": report.changed_at,
        "expected_datetime": expected_at(policy, report),
        "address": None,
        "address_id": None,
        "zipcode": None,
        "lat": report.latitude,
        "long": report.longitude,
        "media_url": None,
    }
    return request | ({"extended_attributes": _extended(report)} if extended else {})


def _extended(report: PublicReport) -> dict[str, Any]:
    return {
        "detailed_status": report.status.value,
        "version": report.version,
        "garrison": report.garrison,
        "unit": report.unit,
        "supporters": report.supporters,
        "imported": report.imported,
    }


def _update(report: PublicReport, language: Language) -> dict[str, Any]:
    return {
        "update_id": f"{report.report_id}.{report.version}",
        "service_request_id": str(report.report_id),
        "status": state(report.status),
        "updated_datetime": report.changed_at,
        "description": LABELS[report.status][language],
        "media_url": None,
        "external_status_code": report.status.value,
    }
