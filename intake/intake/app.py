"""The way of a report from POST /v1/reports to the log: read, decide, write.

In: reports over HTTP, and what follows after sending (`api`). Out: content and contact, then report-submitted;
follow-up. Intake keeps nothing: a report exists if and only if it is on the log.
"""

import base64
import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import msgspec
from chassis.clock import now
from chassis.health import Health
from chassis.http import Problem, create_api
from chassis.redis import AsyncRedis, connect_async
from chassis.run import every, run
from chassis.settings import load
from chassis.telemetry import configure_logs
from contracts.base import ReportEvent
from contracts.envelope import Outgoing, encode, follows
from contracts.events.reports import ReportContact, ReportSubmitted
from contracts.policy.categories import Category, catalogue_at
from contracts.policy.terms import policy
from contracts.topics import INTAKE
from fastapi import FastAPI
from nacl.public import PublicKey, SealedBox
from prometheus_client import Counter
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from intake import problems
from intake.api import add_categories, add_follow_ups
from intake.documentation import document_reports
from intake.domain import (
    Admitted,
    Allowance,
    Claim,
    Identities,
    answer,
    content,
    report_allowances,
    submitted,
    wrongs,
)
from intake.forms import Invalid, Malformed, Receipt, ReportForm, read
from intake.journal import Journal, Unconfirmed
from intake.requests import ClientGone, bounded, idempotency_key, read_body, sender_of, traceparent
from intake.settings import Settings
from intake.store import Admission, LocalMemory, RedisMemory

PATH = "/v1/reports"
REPORTS = Counter("kmzb_intake_reports_total", "Reports sent to us, by what became of them", ["outcome"])
# Each made now, so that it is 0, not absent, until the first time.
COUNTS = {outcome: REPORTS.labels(outcome) for outcome in ("accepted", "repeated", *problems.OUTCOMES.values())}


def main() -> None:
    settings = load(Settings, INTAKE)
    configure_logs(INTAKE, settings.log_level)
    health = Health("kafka")
    journal = Journal(settings, health)
    app = create_app(settings, journal, health)
    # What stands now stands for ever: the collector need not go over it again for reports under way (-20 % of work).
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)
    run(app, settings.url, {"journal": every(1.0, "journal", health, journal.watch)})


def create_app(settings: Settings, journal: Journal, health: Health) -> ASGIApp:
    """The one hot route in front, everything else behind it; a page of the public map may call both."""
    redis = connect_async(settings.redis_url)
    admission = Admission(RedisMemory(redis, settings.namespace), LocalMemory())
    secrets = (settings.secret, settings.receipt_secret)
    identities = Identities(*(bytes.fromhex(each.get_secret_value()) for each in secrets))
    api = create_api(
        "KMZB intake",
        "Takes reports in. Not an emergency channel: in an emergency call 112.",
        health,
        lifespan=_lifespan(journal, redis),
    )
    document_reports(api, PATH)
    add_follow_ups(api, settings, identities, admission, journal)
    add_categories(api)
    page = urlsplit(settings.public_map_url)
    return CORSMiddleware(
        Reports(settings, identities, admission, journal, otherwise=api),
        allow_origins=[f"{page.scheme}://{page.netloc}"],
        allow_methods=["GET", "POST"],
        allow_headers=["Content-Type", "Idempotency-Key", "traceparent"],
        expose_headers=["Location", "Retry-After"],
    )


class Reports:
    """POST /v1/reports, a plain ASGI callable: FastAPI's way through costs twice the work of the whole report."""

    def __init__(
        self, settings: Settings, identities: Identities, admission: Admission, journal: Journal, otherwise: ASGIApp
    ) -> None:
        self._settings, self._identities, self._admission = settings, identities, admission
        self._journal, self._otherwise = journal, otherwise
        self._notifiers_box = SealedBox(PublicKey(base64.b64decode(settings.contact_public_key)))
        self._policy = policy(settings.terms_file)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            return await self._otherwise(scope, bounded(receive), send)
        try:
            receipt, outcome = await self._take(scope, receive)
        except Problem as problem:
            COUNTS[problems.OUTCOMES[problem.status]].inc()
            return await problem.response()(scope, receive, send)
        except ClientGone:
            return None
        COUNTS[outcome].inc()
        headers = {"Location": receipt.links.status, "Cache-Control": "no-store"}
        response = Response(msgspec.json.encode(receipt), 201, headers, "application/json")
        return await response(scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive) -> tuple[Receipt, str]:
        """Read a report, decide, write it; gives the answer and what it is counted as. Raises Problem to say no."""
        headers, identities = dict(scope["headers"]), self._identities
        key, body = idempotency_key(headers), await read_body(headers, receive)
        at = now()
        form, category = _checked(body, at)

        report_id = identities.report_id(key, body) if key else uuid4()
        claim = identities.claim(key, body, at) if key else None
        allowances = self._allowances(scope, form, at)
        admitted = await self._admission.admit(at, claim, allowances)
        if not isinstance(admitted, Admitted):
            raise problems.not_admitted(admitted)

        receipt = identities.receipt(report_id)
        event = submitted(form, report_id, receipt, admitted.at)
        if not admitted.written:
            await self._write(form, event, claim, allowances, traceparent(headers))
        promise = self._policy.promise(event.category, event.submitted_at)
        told = answer(event, category, receipt, promise, self._settings.public_map_url)
        return told, "repeated" if admitted.written else "accepted"

    def _allowances(self, scope: Scope, form: ReportForm, at: datetime) -> list[Allowance]:
        settings = self._settings
        return report_allowances(
            self._identities,
            sender_of(scope, settings.trusted_proxies),
            form,
            at,
            per_place=settings.reports_per_place,
            per_hour=settings.reports_per_hour,
            per_day=settings.reports_per_day,
        )

    async def _write(
        self, form: ReportForm, event: ReportSubmitted, claim: Claim | None, allowances: Sequence[Allowance], trace: str
    ) -> None:
        """Words and contact are on the log before the report that names them. Raises Problem 503 if unconfirmed."""

        def message(said: ReportEvent) -> Outgoing:
            event_id, at = follows(event.report_id, type(said).__name__), event.submitted_at
            return encode(said, source=INTAKE, at=at, event_id=event_id, submitted_at=at, traceparent=trace)

        beside = [content(form, event.report_id), _sealed_contact(form, event.report_id, self._notifiers_box)]
        try:
            await self._journal.write([message(each) for each in beside if each], [message(event)])
        except Unconfirmed:
            if claim is None:  # a repeat under a key is free, without one it would be counted again
                await self._admission.give_back(allowances)
            raise problems.unconfirmed(repeatable=claim is not None) from None
        if claim is not None:
            await self._admission.written(claim, event.submitted_at)


def _checked(body: bytes, at: datetime) -> tuple[ReportForm, Category]:
    """The form in a body and its category. Raises Problem 400 or 422, naming every field that is wrong."""
    catalogue = catalogue_at(at)
    try:
        form = read(body)
        if found := wrongs(form, catalogue, at):
            raise Invalid(*found)
    except Malformed as wrong:
        raise problems.not_json(str(wrong)) from None
    except Invalid as wrong:
        raise problems.invalid(wrong.wrongs) from None
    return form, catalogue.by_code[form.category]


def _sealed_contact(form: ReportForm, report_id: UUID, box: SealedBox[PublicKey]) -> ReportContact | None:
    """The contact of a report, if it has one, sealed the moment it comes in: only the notifier can open it."""
    if form.contact is None:
        return None
    sealed = box.encrypt(msgspec.json.encode(form.contact))
    return ReportContact(report_id=report_id, sealed=base64.b64encode(sealed).decode(), language=form.language)


Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def _lifespan(journal: Journal, redis: AsyncRedis) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        journal.open()
        yield
        journal.close()
        await redis.aclose()

    return lifespan
