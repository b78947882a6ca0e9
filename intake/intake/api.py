"""What FastAPI serves behind the hot route: what a citizen says after sending (me too, still there, erase my words),
each of which counts once, and the categories a report can have."""

from uuid import UUID

from chassis.clock import now
from contracts.base import POLAND
from contracts.envelope import encode, follows
from contracts.events.reports import ErasureRequested, FollowUp, ReportContested, ReportSupported
from contracts.policy.categories import Category, catalogue_at
from contracts.topics import INTAKE
from fastapi import FastAPI, Request, Response
from prometheus_client import Counter
from pydantic import BaseModel, ConfigDict, Field

from intake import problems
from intake.domain import NOTE, Admitted, Identities, follow_up_allowance
from intake.journal import Journal, Unconfirmed
from intake.requests import sender_of, traceparent
from intake.settings import Settings
from intake.store import Admission

FOLLOW_UPS = Counter("kmzb_intake_follow_ups_total", "What citizens said after sending, on the log", ["event"])


class Which(BaseModel):
    """The report a receipt belongs to; both are in the answer to the report."""

    model_config = ConfigDict(extra="forbid")
    report_id: UUID


class Taken(BaseModel):
    """It is on the log; the police see it with the case."""

    report_id: UUID
    note: str = Field(default=NOTE["pl"], description="not an emergency channel")


def add_follow_ups(
    api: FastAPI, settings: Settings, identities: Identities, admission: Admission, journal: Journal
) -> None:
    """Three routes, each a different thing said, then one way to the log for all."""

    @api.post("/v1/reports/{report_id}/support", status_code=202, tags=["after sending"], summary="Me too.")
    async def second(report_id: UUID, request: Request) -> Taken:
        sender = identities.supporter(sender_of(request.scope, settings.trusted_proxies), report_id)
        said = ReportSupported(report_id=report_id, said_at=now(), sender=sender)
        return await say(request, said, follows(report_id, sender))

    @api.post("/v1/receipts/{receipt}/contest", status_code=202, tags=["after sending"], summary="It is still there.")
    async def contest(receipt: str, which: Which, request: Request) -> Taken:
        said = ReportContested(report_id=which.report_id, said_at=now())
        return await say(request, said, follows(which.report_id, "ReportContested"), receipt)

    @api.post("/v1/receipts/{receipt}/erasure", status_code=202, tags=["after sending"], summary="Erase my words.")
    async def erase(receipt: str, which: Which, request: Request) -> Taken:
        said = ErasureRequested(report_id=which.report_id, said_at=now())
        return await say(request, said, follows(which.report_id, "ErasureRequested"), receipt)

    async def say(request: Request, said: FollowUp, event_id: UUID, receipt: str | None = None) -> Taken:
        """Put it on the log. Raises Problem: 429 over the limit, 404 for a receipt of another report, 503."""
        by, trace = sender_of(request.scope, settings.trusted_proxies), traceparent(dict(request.scope["headers"]))
        allowance = follow_up_allowance(identities, by, said.said_at, settings.follow_ups_per_hour)
        admitted = await admission.admit(said.said_at, None, [allowance])
        if not isinstance(admitted, Admitted):
            raise problems.not_admitted(admitted)
        if receipt is not None and not identities.owns(receipt, said.report_id):
            raise problems.no_such_receipt()
        message = encode(said, source=INTAKE, at=said.said_at, event_id=event_id, traceparent=trace)
        try:
            await journal.write([message])
        except Unconfirmed:
            raise problems.unconfirmed(repeatable=True) from None
        FOLLOW_UPS.labels(type(said).__name__).inc()
        return Taken(report_id=said.report_id)


class CategoryChoice(BaseModel):
    code: str
    pl: str = Field(description="name in Polish")
    en: str = Field(description="name in English")
    description_required: bool = Field(description="a report without words is refused")
    public: str = Field(description="who sees it on the map: always, confirmed (only once confirmed), never")
    same_m: int = Field(description="two reports within so many metres are likely about the same thing")


class Categories(BaseModel):
    version: str
    bounds: tuple[float, float, float, float] = Field(
        default=POLAND, description="where reports can lie: west, south, east, north in WGS 84 degrees"
    )
    categories: list[CategoryChoice]


def add_categories(api: FastAPI) -> None:
    @api.get("/v1/categories", tags=["reports"], summary="The categories a report can have now.")
    def categories(response: Response) -> Categories:
        catalogue = catalogue_at(now())
        response.headers["Cache-Control"] = "public, max-age=300"
        return Categories(version=catalogue.version, categories=[_choice(each) for each in catalogue.category])


def _choice(category: Category) -> CategoryChoice:
    return CategoryChoice(
        code=category.code,
        pl=category.pl,
        en=category.en,
        description_required=category.description,
        public=category.public,
        same_m=category.same_m,
    )
