"""The page behind the link in a mail or a letter to an agency: opening it changes nothing, its buttons answer.

Programs that guard mailboxes open every link, and press no button. Who holds the link answers for the agency, as who
holds the letter would: each kind of answer once, until the referral has ended or the link is too old.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import parse_qs

import msgspec
from chassis.clock import now
from chassis.postgres import Connection, Database
from contracts.agencies import Agencies
from contracts.events.referrals import ReferralAcknowledged, ReferralDeclined, ReferralProgressed
from contracts.policy.categories import category
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from web.design.pages import Pages, page_language

from notifier.answers.taking import ENDINGS, KINDS, over, read_answer, take
from notifier.links import Purpose, read_token
from notifier.store.referrals import AskedReferral, find_referral

# The address is a secret: it is kept by no cache, told to no other page, and found by no search engine.
SECRET = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
"""Headers of pages with such an address."""
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object", "required": ["answer"]}}},
    }
}
_LONGEST = 200
_NAMING = frozenset({ReferralDeclined.__name__})


async def _raw(request: Request) -> bytes:
    return await request.body()


def answer_pages(pages: Pages, database: Database, agencies: Agencies, secret: bytes, within: timedelta) -> APIRouter:
    """The page and its buttons. A link we did not write, or that is too old, gives 404 and no more."""
    router = APIRouter(prefix=f"{Purpose.ANSWER.path}/{{token}}", tags=["agencies"])

    def page(request: Request, referral: AskedReferral | None, **more: Any) -> Response:
        values: dict[str, Any] = {"status_code": 404, "agency": "", "said": None, "error": "", "written": ""}
        if referral is not None:
            values |= {"status_code": 200, "agency": agencies.name(referral.made.agency), **_shown(request, referral)}
        return pages.render(request, "answer.html", headers=SECRET, referral=referral, **(values | more))

    @router.get("", summary="What the agency is asked, and how far it is.", response_class=HTMLResponse)
    def ask(request: Request, token: str) -> Response:
        with database.transaction() as connection:
            return page(request, _referral(connection, token, secret, within, now()))

    @router.post("", summary="The agency answers.", response_class=HTMLResponse, openapi_extra=_FORM)
    def answer(request: Request, token: str, body: Annotated[bytes, Depends(_raw)]) -> Response:
        at, form = now(), _form(body)
        with database.transaction() as connection:
            referral = _referral(connection, token, secret, within, at)
            if referral is None or over(referral):
                return page(request, referral)
            kind, named = form.get("answer", ""), form.get("responsible_agency", "").strip()
            said: dict[str, Any] = {
                "report_id": referral.made.report_id,
                "referral_id": referral.made.referral_id,
                "answered_at": at,
            }
            try:
                read = read_answer(kind, said | ({"responsible_agency": named} if kind in _NAMING else {}))
            except KeyError:
                return page(request, referral, status_code=422)
            except msgspec.ValidationError:
                error = "empty" if not named else "wrong"
                return page(request, referral, status_code=422, error=error, written=named[:_LONGEST])
            take(connection, referral, read, "link", at)
            return page(request, find_referral(connection, read.referral_id), said=kind)

    return router


def _referral(
    connection: Connection, token: str, secret: bytes, within: timedelta, at: datetime
) -> AskedReferral | None:
    referral_id = read_token(Purpose.ANSWER, token, secret)
    referral = find_referral(connection, referral_id) if referral_id else None
    return referral if referral and at < referral.made.referred_at + within else None


def _shown(request: Request, referral: AskedReferral) -> dict[str, Any]:
    known, answered = category(referral.made.category), referral.answered
    taken = referral.acknowledged_at is not None or bool(answered)
    return {
        "category": known.name(page_language(request)) if known else referral.made.category,
        "over": over(referral),
        "ended_here": bool(ENDINGS & answered.keys()),
        "kinds": {kind: kind for kind in KINDS},
        "may_acknowledge": not taken,
        "may_progress": ReferralProgressed.__name__ not in answered,
        "acknowledged_at": referral.acknowledged_at or answered.get(ReferralAcknowledged.__name__),
    }


def _form(body: bytes) -> dict[str, str]:
    """The fields of a form, the first of each name; none of what is no form."""
    try:
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=8).items()}
    except ValueError:
        return {}
