"""The mail a delivery becomes: headers and words."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from contracts.events.notices import Audience

from notifier.contacts.links import confirmation_link
from notifier.domain.deliveries import Delivery
from notifier.settings import Settings
from notifier.texts.citizens import compose_citizen_text
from notifier.texts.officers import compose_agency_text, compose_officer_text
from notifier.texts.phrases import Links, MailText


def compose_mail(settings: Settings, delivery: Delivery, address: str, at: datetime) -> EmailMessage:
    """The mail; its Message-ID is the same at every attempt. Raises ValueError for a line end in any header."""
    text = _text(settings, delivery)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = settings.mail_from, address, text.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{delivery.id}@{settings.mail_from.rpartition('@')[2]}>"
    # Neither an absent officer's mailbox nor a list is to answer a machine (RFC 3834; Exchange has a word of its own).
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if delivery.audience is Audience.CITIZEN:
        link = confirmation_link(settings.links_url, delivery.items[0].report_id, settings.link_key)
        mail["List-Unsubscribe"] = f"<{link}/erasure>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text.body, cte="quoted-printable")
    mail["Content-Language"] = delivery.language if delivery.audience is Audience.CITIZEN else "pl"
    return mail


def _text(settings: Settings, delivery: Delivery) -> MailText:
    item, to_citizen = delivery.items[0], delivery.audience is Audience.CITIZEN
    links = Links(
        case=f"{settings.casework_url.rstrip('/')}/v1/cases/",
        map=settings.public_map_url,
        contact=confirmation_link(settings.links_url, item.report_id, settings.link_key) if to_citizen else "",
    )
    if to_citizen:
        return compose_citizen_text(item, delivery.language, links, settings.recipients.agencies)
    if delivery.audience is Audience.AGENCY:
        return compose_agency_text(item, links)
    return compose_officer_text(delivery.items, links)
