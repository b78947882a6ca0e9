"""The page behind the link in a citizen's mail. Reading it changes nothing, since mail scanners open every link; its
buttons say yes (write to me) or no (erase my address)."""

from datetime import timedelta
from html import escape
from uuid import UUID

from chassis.postgres import Database
from contracts.statuses import Language
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from notifier import citizens, contacts
from notifier.citizens import Standing
from notifier.texts import catalogue

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}


def link(public_url: str, report_id: UUID, secret: bytes) -> str:
    """Where the citizen of a report says yes or no."""
    return f"{public_url.rstrip('/')}/v1/contact-confirmations/{contacts.token(report_id, secret)}"


def routes(database: Database, secret: bytes, confirm_within: timedelta) -> APIRouter:
    """A link we did not write, or that is erased or too old, gives 404 and says no more."""
    router = APIRouter(prefix="/v1/contact-confirmations/{token}", tags=["contact"])

    @router.get("", summary="Ask the citizen whether we may write to them.", response_class=HTMLResponse)
    def ask(token: str) -> HTMLResponse:
        report_id = contacts.report_of(token, secret)
        if report_id is None:
            return _page(token, Standing.GONE, "pl")
        with database.transaction() as connection:
            return _page(token, *citizens.standing(connection, report_id, confirm_within))

    @router.post("", summary="Yes: write to me what becomes of my report.", response_class=HTMLResponse)
    def confirm(token: str) -> HTMLResponse:
        report_id = contacts.report_of(token, secret)
        if report_id is None:
            return _page(token, Standing.GONE, "pl")
        with database.transaction() as connection:
            return _page(token, *citizens.confirm(connection, report_id, confirm_within))

    @router.post("/erasure", summary="No: erase my address.", response_class=HTMLResponse)
    def erase(token: str) -> HTMLResponse:
        report_id = contacts.report_of(token, secret)
        if report_id is None:
            return _page(token, Standing.GONE, "pl")
        with database.transaction() as connection:
            return _page(token, *citizens.refuse(connection, report_id))

    return router


def _page(token: str, standing: Standing, language: Language) -> HTMLResponse:
    say = catalogue(language)
    words = {
        Standing.ASKED: say.gettext("May we write to you what becomes of your report?"),
        Standing.CONFIRMED: say.gettext("We will write to you what becomes of your report."),
        Standing.ERASED: say.gettext("Your address is erased. We write nothing more."),
        Standing.GONE: say.gettext("This link is no longer valid."),
    }
    yes, no = say.gettext("Yes, write to me"), say.gettext("No, erase my address")
    yes, no = _button(token, yes), _button(f"{token}/erasure", no)
    buttons = {Standing.ASKED: yes + no, Standing.CONFIRMED: no}
    title = say.gettext("National Security Threat Map")
    emergency = say.gettext("In an emergency call 112.")
    html = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<h1>{escape(title)}</h1><p>{escape(words[standing])}</p>{buttons.get(standing, '')}"
        f"<p>{escape(emergency)}</p></html>"
    )
    return HTMLResponse(html, 404 if standing is Standing.GONE else 200, headers=_HEADERS)


def _button(action: str, words: str) -> str:
    return f'<form method="post" action="{escape(action)}"><button>{escape(words)}</button></form>'
