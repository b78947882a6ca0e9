"""What a citizen says after sending (me too, still there, erase my words), each of which counts once.

Out: ReportSupported, ReportContested, ErasureRequested on follow-up.
"""

from uuid import UUID

from chassis.clock import now
from contracts.events.reports import ErasureRequested, FollowUp, ReportContested, ReportSupported
from fastapi import APIRouter, Request
from prometheus_client import Counter
from pydantic import BaseModel, ConfigDict, Field
from web.texts.languages import chosen_language
from web.texts.phrases import emergency_phrase

from intake.api import problems
from intake.api.dependencies import Dependencies
from intake.api.requests import traceparent
from intake.api.senders import sender_of
from intake.domain.events import message_of
from intake.domain.limits import Admitted, follow_up_limit
from intake.log_writer import NotAcknowledged

FOLLOW_UPS = Counter("kmzb_intake_follow_ups_total", "What citizens said after sending, on the log", ["event"])


CONTESTED = """Counts once against each decision, the one that stands when it is said; while the police still work
on the report it is added to the case as a remark. The receipt's page says which decision stands."""


class ReportReference(BaseModel):
    """The report a receipt belongs to; both are in the answer to the report."""

    model_config = ConfigDict(extra="forbid")
    report_id: UUID


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
    async def contest(receipt: str, reference: ReportReference, request: Request) -> FollowUpAccepted:
        event = ReportContested(report_id=reference.report_id, said_at=now())
        return await _accept(given, request, event, receipt)

    @router.post("/v1/receipts/{receipt}/erasure", status_code=202, summary="Erase my words.")
    async def erasure(receipt: str, reference: ReportReference, request: Request) -> FollowUpAccepted:
        event = ErasureRequested(report_id=reference.report_id, said_at=now())
        return await _accept(given, request, event, receipt)

    return router


async def _accept(
    given: Dependencies, request: Request, event: FollowUp, receipt: str | None = None
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
        await given.log.write([message_of(event, event.said_at, trace)])
    except NotAcknowledged:
        raise problems.not_acknowledged(repeatable=True) from None
    FOLLOW_UPS.labels(type(event).__name__).inc()
    language = chosen_language(None, request.headers.get("accept-language"))
    return FollowUpAccepted(report_id=event.report_id, note=emergency_phrase(language))
