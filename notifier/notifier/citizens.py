"""The citizen who left a contact: the page behind the link in their mail, and the end of the contact.

Reading the page changes nothing, since mail scanners open every link; its buttons say yes (write to me) or no (erase
my address).
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from html import escape
from uuid import UUID

from chassis import outbox
from chassis.postgres import Connection, Database, database_time
from contracts.envelope import tombstone
from contracts.notices import Channel
from contracts.statuses import Language
from contracts.topics import CONTACT
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from notifier import contacts, store
from notifier.notices import Addressed
from notifier.reports import erased, in_time, owed
from notifier.texts import catalogue

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}


class Standing(StrEnum):
    """Where a citizen and we stand."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    ERASED = "erased"
    GONE = "gone"


def link(public_url: str, report_id: UUID, secret: bytes) -> str:
    """Where the citizen of a report says yes or no."""
    return f"{public_url.rstrip('/')}/v1/contact-confirmations/{contacts.token(report_id, secret)}"


def routes(database: Database, secret: bytes, confirm_within: timedelta) -> APIRouter:
    """A link we did not write, or that is erased or too old, gives 404 and says no more."""
    router = APIRouter(prefix="/v1/contact-confirmations/{token}", tags=["contact"])

    def answer(token: str, to: Callable[[Connection, UUID], tuple[Standing, Language]]) -> HTMLResponse:
        report_id = contacts.report_of(token, secret)
        if report_id is None:
            return _page(token, Standing.GONE, "pl")
        with database.transaction() as connection:
            return _page(token, *to(connection, report_id))

    @router.get("", summary="Ask the citizen whether we may write to them.", response_class=HTMLResponse)
    def ask(token: str) -> HTMLResponse:
        return answer(token, lambda connection, report_id: standing(connection, report_id, confirm_within))

    @router.post("", summary="Yes: write to me what becomes of my report.", response_class=HTMLResponse)
    def yes(token: str) -> HTMLResponse:
        return answer(token, lambda connection, report_id: confirm(connection, report_id, confirm_within))

    @router.post("/erasure", summary="No: erase my address.", response_class=HTMLResponse)
    def no(token: str) -> HTMLResponse:
        return answer(token, refuse)

    return router


def standing(connection: Connection, report_id: UUID, confirm_within: timedelta) -> tuple[Standing, Language]:
    """Where we stand, and the language to say it in."""
    contact = store.reports(connection, [report_id])[report_id].contact
    if contact is None or contact.erased:
        return Standing.GONE, contact.language if contact else "pl"
    if contact.confirmed_at is not None:
        return Standing.CONFIRMED, contact.language
    asked = in_time(contact, database_time(connection), confirm_within)
    return (Standing.ASKED if asked else Standing.GONE), contact.language


def confirm(connection: Connection, report_id: UUID, confirm_within: timedelta) -> tuple[Standing, Language]:
    """The citizen said yes: what is news by now is told at once. A second yes changes nothing."""
    found, language = standing(connection, report_id, confirm_within)
    report, now = store.reports(connection, [report_id])[report_id], database_time(connection)
    if found is not Standing.ASKED or report.contact is None:
        return found, language
    confirmed = replace(report, contact=replace(report.contact, confirmed_at=now))
    store.save(connection, [confirmed])
    store.enter(connection, [Addressed(each, Channel.EMAIL, now) for each in owed(confirmed, now, confirm_within)])
    return Standing.CONFIRMED, language


def refuse(connection: Connection, report_id: UUID) -> tuple[Standing, Language]:
    """The citizen said no, before or after a yes."""
    contact = store.reports(connection, [report_id])[report_id].contact
    if contact is None or contact.erased:
        return Standing.GONE, contact.language if contact else "pl"
    erase(connection, [report_id])
    return Standing.ERASED, contact.language


def erase(connection: Connection, ids: Iterable[UUID]) -> None:
    """End contacts: row emptied, mail stopped, topic told; also of one that is still to be read."""
    wanted = list(ids)
    if not wanted:
        return
    known = store.reports(connection, wanted)
    kept = {report_id: report for report_id, report in known.items() if not (report.contact and report.contact.erased)}
    store.save(connection, [erased(report) for report in kept.values()])
    store.drop_citizens(connection, kept)
    outbox.append(connection, [tombstone(CONTACT, str(report_id)) for report_id in sorted(kept)])


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
