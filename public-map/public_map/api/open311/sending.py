"""A service request somebody sends: read as a form, sent on to intake, answered as its service is."""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from chassis.clock import now
from contracts.policy.categories import Category, catalogue_at
from contracts.statuses import Language
from starlette.requests import Request
from web.forwarding.networks import Networks
from web.forwarding.senders import address_of
from web.problems import Problem, field_problem
from web.texts.catalogue import _, translations

from public_map.api.open311.documents import Document, not_found
from public_map.api.open311.intake import Intake, Taken
from public_map.api.open311.parameters import JURISDICTION
from public_map.domain.open311 import Answering, WrongForm, answering, report_of

_FIELDS = 100


def send(request: Request, body: bytes, language: Language, intake: Intake, proxies: Networks, url: str) -> Document:
    """Send a form on to intake. Raises Problem.

    `url` is ours: a form that another website lets its visitors send is not theirs.
    """
    _check_origin(request, url)
    fields = _fields(body)
    category = _category(fields)
    try:
        report = report_of(fields, language)
    except WrongForm as wrong:
        errors = [{"field": each.field, "detail": each.detail} for each in wrong.fields]
        raise Problem(422, "The request can't be taken as it is", str(wrong), errors=errors) from None
    taken = intake.send(report, _headers(request, proxies))
    return Document("service_requests", [_answer(taken, category, language)])


def _check_origin(request: Request, url: str) -> None:
    origin, ours = request.headers.get("origin"), urlsplit(url)
    if origin is not None and origin != f"{ours.scheme}://{ours.netloc}":
        raise field_problem(403, "Not for pages of others", "Origin", "programs send requests here, not others' pages")


def _fields(body: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except ValueError:  # not UTF-8, or more fields than there are
        raise field_problem(400, "The form can't be read", "body", f"at most {_FIELDS} fields in UTF-8") from None


def _category(fields: dict[str, list[str]]) -> Category:
    """The service that is asked for. Raises Problem: 400 where none is named, 404 where there is no such."""
    if not set(fields.get("jurisdiction_id", ())) <= {"", JURISDICTION}:
        raise not_found("jurisdiction_id", f"not found; there is {JURISDICTION}, or leave it out")
    code = fields.get("service_code", [""])[0].strip()
    if not code:
        raise field_problem(400, "No service", "service_code", "is needed; services.json lists them")
    known = catalogue_at(now()).by_code.get(code)
    if known is None:
        raise not_found("service_code", "not found; services.json lists them")
    return known


def _headers(request: Request, proxies: Networks) -> dict[str, str]:
    """The sender's key or a new one, their address, and the trace."""
    headers = {"Idempotency-Key": request.headers.get("idempotency-key") or str(uuid4())}
    if address := address_of(request.scope, proxies):
        headers["X-Forwarded-For"] = str(address)
    if trace := request.headers.get("traceparent"):
        headers["traceparent"] = trace
    return headers


def _answer(taken: Taken, category: Category, language: Language) -> dict[str, Any]:
    text = translations("public_map", language).gettext
    follow = text(_("Follow it with this address, which is yours alone: %(page)s")) % {"page": taken.links["page"]}
    identity = {
        Answering.REALTIME: {"service_request_id": taken.report_id},
        Answering.BATCH: {"token": taken.receipt},
        Answering.BLACKBOX: {},
    }[answering(category)]
    return {**identity, "service_notice": f"{follow} {taken.note}", "account_id": None}
