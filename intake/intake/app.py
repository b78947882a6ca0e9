"""In: POST /v1/reports and what follows after sending. Out: content and contact, then report-submitted; follow-up.

Intake keeps nothing: a report exists if and only if it is on the log.
"""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import get_args
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
from chassis.clock import now
from chassis.http import Problem, create_api
from chassis.redis import AsyncRedis, connect_async
from chassis.run import Health, every, run
from chassis.settings import load
from chassis.telemetry import configure_logs
from contracts.base import ReportEvent
from contracts.categories import Category, catalogue_at
from contracts.envelope import Outgoing, announce, follows
from contracts.reports import ReportSubmitted
from contracts.terms import policy
from contracts.topics import INTAKE
from fastapi import FastAPI
from prometheus_client import Counter
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from intake import problems
from intake.admission import Admission
from intake.catalogue import add_catalogue
from intake.contacts import Sealer
from intake.desk import Desk
from intake.documentation import document_reports
from intake.domain import OUTCOMES, Allowance, Claim, Identities, Outcome, answer, content, submitted, wrongs
from intake.follow_ups import add_follow_ups
from intake.forms import Invalid, Malformed, Receipt, ReportForm, read
from intake.journal import Journal
from intake.memory import LocalMemory
from intake.requests import ClientGone, bounded, headers_of, idempotency_key, read_body
from intake.settings import Settings
from intake.store import RedisMemory
from intake.traces import traceparent

PATH = "/v1/reports"
REPORTS = Counter("kmzb_intake_reports_total", "Reports sent to us, by what became of them", ["outcome"])
COUNTS: dict[Outcome, Counter] = {outcome: REPORTS.labels(outcome) for outcome in get_args(Outcome)}


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
    secrets = (settings.secret, settings.receipt_secret)
    identities = Identities(*(bytes.fromhex(each.get_secret_value()) for each in secrets))
    desk = Desk(settings, identities, Admission(RedisMemory(redis, settings.namespace), LocalMemory()), journal)
    api = create_api(
        "KMZB intake",
        "Takes reports in. Not an emergency channel: in an emergency call 112.",
        health,
        lifespan=_lifespan(journal, redis),
    )
    document_reports(api, PATH)
    add_follow_ups(api, desk)
    add_catalogue(api)
    page = urlsplit(settings.public_map_url)
    return CORSMiddleware(
        Reports(desk, api),
        allow_origins=[f"{page.scheme}://{page.netloc}"],
        allow_methods=["GET", "POST"],
        allow_headers=["Content-Type", "Idempotency-Key", "traceparent"],
        expose_headers=["Location", "Retry-After"],
    )


class Reports:
    """POST /v1/reports, a plain ASGI callable: FastAPI's way through costs twice the work of the whole report."""

    def __init__(self, desk: Desk, otherwise: ASGIApp) -> None:
        self._desk, self._otherwise = desk, otherwise
        self._sealer = Sealer(desk.settings.contact_public_key)
        self._policy = policy(desk.settings.terms_file)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            return await self._otherwise(scope, bounded(receive), send)
        try:
            receipt, outcome = await self._take(scope, receive)
        except Problem as problem:
            COUNTS[OUTCOMES[problem.status]].inc()
            return await problem.response()(scope, receive, send)
        except ClientGone:
            return None
        COUNTS[outcome].inc()
        headers = {"Location": receipt.links.status, "Cache-Control": "no-store"}
        response = Response(msgspec.json.encode(receipt), 201, headers, "application/json")
        return await response(scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive) -> tuple[Receipt, Outcome]:
        """The way of a report: read it, decide, write it. Raises Problem for each way to say no."""
        desk, headers = self._desk, headers_of(scope)
        key, body = idempotency_key(headers), await read_body(headers, receive)
        at = now()
        form, category = _checked(body, at)
        report_id = desk.identities.report_id(key, body) if key else uuid4()
        claim = desk.identities.claim(key, body, at) if key else None

        allowances = desk.report_allowances(desk.sender(scope), form, at)
        admitted = await desk.admit(at, claim, allowances)

        receipt = desk.identities.receipt(report_id)
        event = submitted(form, report_id, receipt, admitted.at)
        if not admitted.written:
            await self._write(form, event, claim, allowances, traceparent(headers.get(b"traceparent")))
        promise = self._policy.promise(event.category, event.submitted_at)
        outcome: Outcome = "repeated" if admitted.written else "accepted"
        return answer(event, category, receipt, promise, desk.settings.public_map_url), outcome

    async def _write(
        self, form: ReportForm, event: ReportSubmitted, claim: Claim | None, allowances: list[Allowance], trace: str
    ) -> None:
        """Words and contact are on the log before the report that names them."""

        def message(said: ReportEvent) -> Outgoing:
            event_id, at = follows(event.report_id, type(said).__name__), event.submitted_at
            return announce(said, source=INTAKE, at=at, event_id=event_id, submitted_at=at, traceparent=trace)

        beside = [content(form, event.report_id), self._sealer.contact(form, event.report_id)]
        try:
            await self._desk.write([message(each) for each in beside if each], [message(event)], repeatable=bool(claim))
        except Problem:
            if claim is None:  # a repeat under a key is free, without one it would be counted again
                await self._desk.admission.give_back(allowances)
            raise
        if claim is not None:
            await self._desk.admission.written(claim, event.submitted_at)


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


Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def _lifespan(journal: Journal, redis: AsyncRedis) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        journal.open()
        yield
        journal.close()
        await redis.aclose()

    return lifespan
