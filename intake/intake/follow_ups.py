"""What a citizen says after sending: me too, still there, erase my words. Each counts once."""

from uuid import UUID

from chassis.clock import now
from contracts.envelope import announce, follows
from contracts.reports import ErasureRequested, FollowUp, ReportContested, ReportSeconded
from contracts.topics import INTAKE
from fastapi import FastAPI, Request
from prometheus_client import Counter
from pydantic import BaseModel, ConfigDict, Field

from intake import problems
from intake.desk import Desk
from intake.domain import NOTE
from intake.traces import traceparent

FOLLOW_UPS = Counter("kmzb_intake_follow_ups_total", "What citizens said after sending, on the log", ["event"])


class Which(BaseModel):
    """The report a receipt belongs to; both are in the answer to the report."""

    model_config = ConfigDict(extra="forbid")
    report_id: UUID


class Taken(BaseModel):
    """It is on the log; the police see it with the case."""

    report_id: UUID
    note: str = Field(default=NOTE["pl"], description="not an emergency channel")


def add_follow_ups(api: FastAPI, desk: Desk) -> None:
    @api.post("/v1/reports/{report_id}/seconds", status_code=202, tags=["after sending"], summary="Me too.")
    async def second(report_id: UUID, request: Request) -> Taken:
        sender = desk.identities.seconder(desk.sender(request.scope), report_id)
        said = ReportSeconded(report_id=report_id, said_at=now(), sender=sender)
        return await _say(desk, request, said, follows(report_id, sender))

    @api.post("/v1/receipts/{receipt}/contest", status_code=202, tags=["after sending"], summary="It is still there.")
    async def contest(receipt: str, which: Which, request: Request) -> Taken:
        said = ReportContested(report_id=which.report_id, said_at=now())
        return await _say(desk, request, said, follows(which.report_id, "ReportContested"), receipt)

    @api.post("/v1/receipts/{receipt}/erasure", status_code=202, tags=["after sending"], summary="Erase my words.")
    async def erase(receipt: str, which: Which, request: Request) -> Taken:
        said = ErasureRequested(report_id=which.report_id, said_at=now())
        return await _say(desk, request, said, follows(which.report_id, "ErasureRequested"), receipt)


async def _say(desk: Desk, request: Request, said: FollowUp, event_id: UUID, receipt: str | None = None) -> Taken:
    """Put it on the log. Raises Problem: 429 over the limit, 404 for a receipt of another report, 503."""
    allowances = desk.follow_up_allowances(desk.sender(request.scope), said.said_at)
    await desk.admit(said.said_at, None, allowances)
    if receipt is not None and not desk.identities.owns(receipt, said.report_id):
        raise problems.no_such_receipt()
    header = request.headers.get("traceparent", "").encode("latin-1")
    message = announce(said, source=INTAKE, at=said.said_at, event_id=event_id, traceparent=traceparent(header))
    await desk.write([message], repeatable=True)
    FOLLOW_UPS.labels(type(said).__name__).inc()
    return Taken(report_id=said.report_id)
