"""`GET /r/{receipt}`: the page of a report, for whoever holds its receipt."""

import hashlib
from typing import Any
from urllib.parse import urlencode

from chassis.postgres import Database
from contracts.policy.categories import category
from contracts.policy.terms import Policy, Promise
from contracts.statuses import Language
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from web.design.codes import qr_code
from web.design.pages import Pages, page_language
from web.problems import Problem, reads_pages

from public_map.api.pages.receipt_steps import expected, standing, steps
from public_map.domain.receipts import Receipt
from public_map.store.receipts import find_receipt

# The address is a secret: it is kept by no cache, told to no other page, and found by no search engine.
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


def receipt_page_routes(pages: Pages, database: Database, public_url: str, intake_url: str, terms: Policy) -> APIRouter:
    """The route. `public_url` is where people reach the page, `intake_url` what its forms send to."""
    routes = APIRouter(tags=["receipts"])

    @routes.get("/r/{receipt}", summary="The page of a report", response_class=HTMLResponse)
    def receipt_page(request: Request, receipt: str, lang: str | None = None, sent: bool = False) -> Response:
        """`sent`: the form comes from sending it, of which the map may hear a moment later."""
        language = page_language(request)
        shared: dict[str, Any] = {"language": language, "headers": _HEADERS}
        with database.transaction() as connection:
            known = find_receipt(connection, hashlib.sha256(receipt.encode()).hexdigest())
        if known is None and not reads_pages(request.headers):
            raise Problem(404, "Unknown receipt", "No report has this receipt.", dict(_HEADERS))
        if known is None:
            return pages.render(
                request, "receipt_unknown.html", status_code=202 if sent else 404, sent=sent, page={}, **shared
            )
        try:
            promise = terms.promise(known.category, known.submitted_at)
        except LookupError:
            detail = "This report is from before there were deadlines, so nothing is promised for it."
            raise Problem(404, "Nothing promised", detail, dict(_HEADERS)) from None
        link = f"{public_url.rstrip('/')}/r/{receipt}"
        return pages.render(
            request,
            "receipt.html",
            **shared,
            **_said(known, promise, language),
            link=link,
            code=qr_code(link),
            page={"intake": intake_url, "receipt": receipt, "report_id": str(known.report.report_id)},
        )

    return routes


def _said(receipt: Receipt, promise: Promise, language: Language) -> dict[str, Any]:
    named = category(receipt.category)
    return {
        "receipt": receipt,
        "closed": receipt.decided_at is not None,
        "category_name": named.name(language) if named else receipt.category,
        "standing": standing(receipt),
        "expected": expected(receipt, promise),
        "steps": steps(receipt, promise),
        "anew": urlencode({"continues": receipt.report.report_id, "category": receipt.category}),
    }
