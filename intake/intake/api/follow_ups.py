"""What a citizen says after sending (me too, still there, an answer, not any more, erase my words), each counted once.

Out: on follow-up what was said; before it, on content, the words it was said with, if any.
"""

from typing import Annotated
from uuid import UUID

from chassis.clock import now
from contracts.base import TEXT_MAX
from contracts.events.reports import (
    ErasureRequested,
    FollowUp,
    QuestionAnswered,
    ReportContested,
    ReportSupported,
    ReportWithdrawn,
)
from contracts.values.texts import CODE_POINTS, one_form_within
from fastapi import APIRouter, Request
from prometheus_client import Counter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from web.forwarding.senders import sender_of
from web.texts.languages import chosen_language
from web.texts.phrases import emergency_phrase

from intake.api import problems
from intake.api.dependencies import Dependencies
from intake.api.requests import traceparent
from intake.domain.events import message_of, with_words
from intake.domain.limits import Admitted, follow_up_limit
from intake.log_writer import NotAcknowledged

FOLLOW_UPS = Counter("kmzb_intake_follow_ups_total", "What citizens said after sending, on the log", ["event"])


CONTESTED = """Counts once against each decision, the one that stands when it is said; while the police still work
on the report it is added to the case as a remark. The receipt's page says which decision stands."""


def _words(text: str) -> str:
    return one_form_within(text, TEXT_MAX)


def _seen(text: str) -> str:
    if not text:
        raise ValueError("there is nothing to be read")
    return text


Words = Annotated[str, Field(max_length=TEXT_MAX * CODE_POINTS), AfterValidator(_words)]


class ReportReference(BaseModel):
    """The report a receipt belongs to; both are in the answer to the report."""

    model_config = ConfigDict(extra="forbid")
    report_id: UUID


class Contest(ReportReference):
    """That it is still there, and why one thinks so."""

    reason: Words = Field(default="", description="at most 500 characters; officers alone read it")


class Answer(ReportReference):
    """An answer to the coordinator's question."""

    question: int = Field(ge=1, le=2**31 - 1, description="which question of the case")
    text: Annotated[Words, AfterValidator(_seen)] = Field(description="at most 500 characters; officers alone read it")


class FollowUpAccepted(BaseModel):
    """It is on the log; the police see it with the case."""

    report_id: UUID
    note: str = Field(description="not an emergency channel")


def follow_up_routes(given: Dependencies) -> APIRouter:
    """Three routes, each a different thing said, then one way to the log for all."""
    router, identities = APIRouter(tags=["after sending"]), given.identities

    @router.post("/v1/reports/{report_id}/support", status_code=202, summary="Me too.")
    async def support(report_id: UUID, request: Request) -> FollowUpAccepted:
        sender = identities.supporter(sender_of(request.scope, given.settings.trusted_proxies), report_id)
        event = ReportSupported(report_id=report_id, said_at=now(), sender=sender)
        return await _accept(given, request, event)

    @router.post("/v1/receipts/{receipt}/contest", status_code=202, summary="It is still there.", description=CONTESTED)
    async def contest(receipt: str, said: Contest, request: Request) -> FollowUpAccepted:
        event = ReportContested(report_id=said.report_id, said_at=now(), has_words=bool(said.reason))
        return await _accept(given, request, event, receipt, said.reason)

    @router.post("/v1/receipts/{receipt}/answer", status_code=202, summary="An answer to what the police asked.")
    async def answer(receipt: str, said: Answer, request: Request) -> FollowUpAccepted:
        event = QuestionAnswered(report_id=said.report_id, said_at=now(), question=said.question)
        return await _accept(given, request, event, receipt, said.text)

    @router.post("/v1/receipts/{receipt}/withdrawal", status_code=202, summary="I take the report back.")
    async def withdrawal(receipt: str, reference: ReportReference, request: Request) -> FollowUpAccepted:
        event = ReportWithdrawn(report_id=reference.report_id, said_at=now())
        return await _accept(given, request, event, receipt)

    @router.post("/v1/receipts/{receipt}/erasure", status_code=202, summary="Erase my words.")
    async def erasure(receipt: str, reference: ReportReference, request: Request) -> FollowUpAccepted:
        event = ErasureRequested(report_id=reference.report_id, said_at=now())
        return await _accept(given, request, event, receipt)

    return router


async def _accept(
    given: Dependencies, request: Request, event: FollowUp, receipt: str | None = None, words: str = ""
) -> FollowUpAccepted:
    """Read, decide, write. Raises Problem: 429 over the limit, 404 for a receipt of another report, 503."""
    sender = sender_of(request.scope, given.settings.trusted_proxies)
    limit = follow_up_limit(given.identities, sender, event.said_at, given.settings.follow_ups_per_hour)
    admission = await given.usage.insert_use(event.said_at, None, [limit])
    if not isinstance(admission, Admitted):
        raise problems.not_admitted(admission)
    if receipt is not None and not given.identities.owns(receipt, event.report_id):
        raise problems.no_such_receipt()
    trace = traceparent(dict(request.scope["headers"]))
    try:
        await given.log.write(*with_words(message_of(event, event.said_at, trace), event, words, trace))
    except NotAcknowledged:
        raise problems.not_acknowledged(repeatable=True) from None
    FOLLOW_UPS.labels(type(event).__name__).inc()
    language = chosen_language(None, request.headers.get("accept-language"))
    return FollowUpAccepted(report_id=event.report_id, note=emergency_phrase(language))
