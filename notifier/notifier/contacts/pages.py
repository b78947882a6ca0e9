"""The page behind the link in a citizen's mail.

Reading it changes nothing, since mail scanners open every link; its buttons say yes (write to me) or no (erase my
address).
"""

from collections.abc import Callable
from datetime import timedelta
from html import escape
from urllib.parse import quote
from uuid import UUID

from chassis.postgres import Connection, Database
from contracts.statuses import Language
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from notifier.contacts.confirmations import Answer, confirm, find_confirmation, refuse
from notifier.domain.reports import ConfirmationState
from notifier.links import Purpose, read_token
from notifier.texts.phrases import translations

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}


def confirmation_routes(database: Database, secret: bytes, confirm_within: timedelta) -> APIRouter:
    """The page and its two buttons. A link we did not write, or that is erased or too old, gives 404 and no more."""
    router = APIRouter(prefix=f"{Purpose.CONTACT.path}/{{token}}", tags=["contact"])

    def answer(token: str, change: Callable[[Connection, UUID], Answer]) -> HTMLResponse:
        report_id = read_token(Purpose.CONTACT, token, secret)
        if report_id is None:
            return _page(token, ConfirmationState.NOT_FOUND, "pl")
        with database.transaction() as connection:
            return _page(token, *change(connection, report_id))

    @router.get("", summary="Ask the citizen whether we may write to them.", response_class=HTMLResponse)
    def ask(token: str) -> HTMLResponse:
        return answer(token, lambda connection, report_id: find_confirmation(connection, report_id, confirm_within))

    @router.post("", summary="Yes: write to me what becomes of my report.", response_class=HTMLResponse)
    def yes(token: str) -> HTMLResponse:
        return answer(token, lambda connection, report_id: confirm(connection, report_id, confirm_within))

    @router.get("/erasure", summary="Where a mail program leads who wants no more mail: to the page.")
    def leave(token: str) -> RedirectResponse:
        return RedirectResponse(f"../{quote(token, safe='')}", 303, headers=_HEADERS)

    @router.post("/erasure", summary="No: erase my address.", response_class=HTMLResponse)
    def no(token: str) -> HTMLResponse:
        return answer(token, refuse)

    return router


def _page(token: str, state: ConfirmationState, language: Language) -> HTMLResponse:
    messages = translations(language)
    sentences = {
        ConfirmationState.ASKED: messages.gettext("May we write to you what becomes of your report?"),
        ConfirmationState.CONFIRMED: messages.gettext("We will write to you what becomes of your report."),
        ConfirmationState.ERASED: messages.gettext("Your address is erased. We write nothing more."),
        ConfirmationState.NOT_FOUND: messages.gettext("This link is no longer valid."),
    }
    yes = _button(token, messages.gettext("Yes, write to me"))
    no = _button(f"{token}/erasure", messages.gettext("No, erase my address"))
    buttons = {ConfirmationState.ASKED: yes + no, ConfirmationState.CONFIRMED: no}
    title = messages.gettext("National Security Threat Map")
    emergency = messages.gettext("In an emergency call 112.")
    html = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<h1>{escape(title)}</h1><p>{escape(sentences[state])}</p>{buttons.get(state, '')}"
        f"<p>{escape(emergency)}</p></html>"
    )
    return HTMLResponse(html, 404 if state is ConfirmationState.NOT_FOUND else 200, headers=_HEADERS)


def _button(action: str, label: str) -> str:
    return f'<form method="post" action="{escape(action)}"><button>{escape(label)}</button></form>'
