"""A report as a request brings it: read, checked field by field, and identified."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from chassis.clock import now
from contracts.policy.categories import Category, catalogue_at
from prometheus_client import Counter
from starlette.types import Receive, Scope
from web.forwarding.senders import sender_of

from intake.api import problems
from intake.api.dependencies import Dependencies
from intake.api.requests import idempotency_key, read_body, traceparent
from intake.domain.field_errors import InvalidForm, NotJson, checked_form, decode_form, photo_names
from intake.domain.forms import ReportForm
from intake.domain.identity import KeyUse
from intake.domain.limits import RateLimit, report_limits
from intake.domain.photos import PhotoTokens

EMERGENCIES = Counter("kmzb_intake_emergency_like_total", "Reports sent although their words read like an emergency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One POST of a report. `key_use` is None without an Idempotency-Key; then every POST is a new report.

    `photos` are what its photos are called in the store.
    """

    report_id: UUID
    form: ReportForm
    photos: tuple[str, ...]
    category: Category
    received_at: datetime
    key_use: KeyUse | None
    limits: Sequence[RateLimit]
    traceparent: str


async def read_submission(scope: Scope, receive: Receive, given: Dependencies) -> Submission:
    """The report in a request. Raises Problem 400, 413, 415 or 422; ClientDisconnect."""
    headers, identities = dict(scope["headers"]), given.identities
    key, body = idempotency_key(headers), await read_body(headers, receive)
    received_at = now()
    form, photos, category = _checked_form(body, received_at, given.photo_tokens)
    return Submission(
        report_id=identities.report_id(key, body) if key else uuid4(),
        form=form,
        photos=photos,
        category=category,
        received_at=received_at,
        key_use=identities.key_use(key, body, received_at) if key else None,
        limits=_limits(scope, form, received_at, given),
        traceparent=traceparent(headers),
    )


def _checked_form(body: bytes, at: datetime, tokens: PhotoTokens) -> tuple[ReportForm, tuple[str, ...], Category]:
    """The form in a body, its photos' names and its category. Raises Problem 400 or 422, naming what is wrong."""
    catalogue = catalogue_at(at)
    try:
        form = checked_form(decode_form(body), catalogue, at)
        photos = photo_names(form, tokens, at)
    except NotJson as error:
        raise problems.not_json(str(error)) from None
    except InvalidForm as error:
        raise problems.invalid(error.errors) from None
    return form, photos, catalogue.by_code[form.category]


def _limits(scope: Scope, form: ReportForm, at: datetime, given: Dependencies) -> list[RateLimit]:
    settings = given.settings
    return report_limits(
        given.identities,
        sender_of(scope, settings.trusted_proxies),
        form,
        at,
        per_place=settings.reports_per_place,
        per_hour=settings.reports_per_hour,
        per_day=settings.reports_per_day,
    )
