"""Intake: a report comes in over HTTP and is answered 201 once it is on the log. Read, decide, write.

In: POST /v1/reports here; photos before it in `photos`, what is said later in `api.follow_ups`. Out: content (words,
which photos), contact (sealed), then report-submitted; follow-up. A report exists if and only if it is on the log;
where no other memory knows of it, its own report-submitted is asked (`repeats`). What it keeps may be lost.
"""

import gc
from functools import partial

import msgspec
from chassis.health import Health
from chassis.run import run
from chassis.settings import load
from chassis.telemetry import configure_logs
from contracts.events.reports import ReportSubmitted
from contracts.policy.terms import policy
from contracts.topics import INTAKE
from msgspec.structs import replace
from objects.storage import storage
from prometheus_client import Counter
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from web.problems import Problem
from web.server import serving
from web.texts.phrases import emergency_phrase

from intake.api import problems
from intake.api.application import REPORTS_PATH, application
from intake.api.dependencies import Dependencies
from intake.api.submissions import EMERGENCIES, Submission, read_submission
from intake.domain.events import message_of, report_content, report_submitted
from intake.domain.identity import Identities
from intake.domain.limits import Admitted
from intake.domain.photos import PhotoTokens
from intake.domain.receipts import Receipt, receipt_answer
from intake.log_writer import LogWriter, NotAcknowledged
from intake.photos.answers import document_photos
from intake.photos.uploads import Photos
from intake.refusals import Refusals
from intake.repeats import Repeats
from intake.sealing import ContactSealer
from intake.settings import Settings
from intake.store.local_usage import LocalUsage
from intake.store.redis_trips import RedisTrips
from intake.store.redis_usage import RedisUsage
from intake.store.usage import UsageWithFallback
from intake.upkeep import upkeep

REPORTS = Counter("kmzb_intake_reports_total", "Reports sent to us, by what became of them", ["outcome"])
# Each made now, so that it is 0, not absent, until the first time.
COUNTS = {outcome: REPORTS.labels(outcome) for outcome in ("accepted", "repeated", *problems.OUTCOMES.values())}


def main() -> None:
    """Run until a signal, or until the producer is broken."""
    settings = load(Settings, INTAKE)
    configure_logs(INTAKE, settings.log_level)
    health = Health("kafka")
    log = LogWriter(settings, health)
    app = create_app(settings, log, health)
    # What stands now stands for ever: the collector need not go over it again for reports in flight (-20 % of work).
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)
    run(serving(app, settings) | upkeep(log, health), health)


def create_app(settings: Settings, log: LogWriter, health: Health) -> ASGIApp:
    """The one hot route in front, everything else behind it; a page of the public map may call both."""
    redis = RedisTrips.client(settings.redis_url)
    secrets = (settings.secret, settings.receipt_secret)
    given = Dependencies(
        settings=settings,
        identities=Identities(*(bytes.fromhex(secret.get_secret_value()) for secret in secrets)),
        photo_tokens=PhotoTokens(bytes.fromhex(settings.secret.get_secret_value())),
        usage=UsageWithFallback(RedisUsage(redis, settings.namespace), LocalUsage()),
        log=log,
    )
    photos = Middleware(Photos, given, storage(settings))
    in_front = (Middleware(Refusals, given), photos, Middleware(Reports, given))
    api = application(given, health, in_front, redis.aclose)
    document_photos(api)
    return api


class Reports:
    """POST /v1/reports, a plain ASGI callable: FastAPI's way through costs twice the work of the whole report."""

    def __init__(self, app: ASGIApp, given: Dependencies) -> None:
        self._given, self._otherwise = given, app
        self._sealer = ContactSealer(
            given.settings.contact_public_key, bytes.fromhex(given.settings.secret.get_secret_value())
        )
        self._policy = policy(given.settings.terms_file)
        self._repeats = Repeats(given.usage, given.log.submissions, given.settings.delivery_timeout)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != REPORTS_PATH or scope["method"] != "POST":
            return await self._otherwise(scope, receive, send)
        try:
            receipt, outcome = await self._handle(scope, receive)
        except NotAcknowledged:
            COUNTS[problems.OUTCOMES[503]].inc()
            return await problems.not_acknowledged(repeatable=True).response()(scope, receive, send)
        except Problem as problem:
            COUNTS[problems.OUTCOMES[problem.status]].inc()
            return await problem.response()(scope, receive, send)
        COUNTS[outcome].inc()
        headers = {"Location": receipt.links.page, "Cache-Control": "no-store"}
        return await Response(msgspec.json.encode(receipt), 201, headers, "application/json")(scope, receive, send)

    async def _handle(self, scope: Scope, receive: Receive) -> tuple[Receipt, str]:
        """Read a report, decide whether it is taken, write it; the answer and its outcome. Raises Problem to say no."""
        given = self._given
        submission = await read_submission(scope, receive, given)
        admission = await given.usage.insert_use(submission.received_at, submission.key_use, submission.limits)
        if not isinstance(admission, Admitted):
            raise problems.not_admitted(admission)
        receipt = given.identities.receipt(submission.report_id)
        event = report_submitted(submission.form, submission.report_id, receipt, admission.submitted_at)
        write = partial(self._write, submission, event)
        found = await self._repeats.once(submission.report_id, submission.key_use, admission, write)
        event = replace(event, submitted_at=found.submitted_at)
        promise = self._policy.promise(event.category, event.submitted_at)
        map_url, note = given.settings.public_map_url, emergency_phrase(event.language)
        answer = receipt_answer(event, submission.category, receipt, promise, map_url, note)
        return answer, "repeated" if found.acknowledged else "accepted"

    async def _write(self, submission: Submission, event: ReportSubmitted) -> None:
        """Words and contact are on the log before the report that names them. Raises Problem 503."""
        form, key_use, usage = submission.form, submission.key_use, self._given.usage
        at, trace = event.submitted_at, submission.traceparent
        personal = (
            report_content(form, event.report_id, submission.photos),
            self._sealer.report_contact(form, event.report_id),
        )
        messages = [message_of(part, at, trace, at) for part in personal if part]
        try:
            await self._given.log.write(messages, [message_of(event, at, trace, at)])
        except NotAcknowledged:
            if key_use is None:  # a repeat under a key is free, without one it would be counted again
                await usage.delete_use(submission.limits)
            raise problems.not_acknowledged(repeatable=key_use is not None) from None
        EMERGENCIES.inc(event.emergency_like)
