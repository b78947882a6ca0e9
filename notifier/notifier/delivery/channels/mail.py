"""The mail a delivery becomes: headers and words, written as the bytes they are sent as.

`email.message` parses every header it is given and encodes the words byte by byte in Python, which takes most of the
time a mail takes (docs/decisions/0053).
"""

from binascii import b2a_base64, b2a_qp
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from uuid import UUID

from contracts.agencies import Agencies
from contracts.events.notices import Audience

from notifier.domain.deliveries import Delivery
from notifier.domain.notices import EMERGENCY_KINDS
from notifier.links import Purpose, signed_link
from notifier.settings import Settings
from notifier.texts.citizens import compose_citizen_text
from notifier.texts.officers import compose_agency_text, compose_officer_text
from notifier.texts.phrases import Links, MailText

# A line with encoded words is 76 characters at most (RFC 2047, 2), of which the header's name and their frame take 21.
_WORD_BYTES = 39
_PLAIN_LENGTH = 60


def compose_mail(settings: Settings, agencies: Agencies, delivery: Delivery, address: str, at: datetime) -> bytes:
    """The mail; its Message-ID is the same at every attempt. Raises ValueError for a line end in any header."""
    text, more, language = _text(settings, agencies, delivery), {}, "pl"
    if delivery.kind in EMERGENCY_KINDS:
        # RFC 4021, 2.1.54 and what mail programs took up before it.
        more = {"Importance": "high", "Priority": "urgent", "X-Priority": "1"}
    if delivery.audience is Audience.CITIZEN:
        more |= one_click(f"{_link(settings, Purpose.CONTACT, delivery.items[0].report_id)}/erasure")
        language = delivery.language
    return written_mail(Envelope(settings.mail_from, address, delivery.id, at, language), text, more)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whose mail it is, whom it goes to, and when; `id` makes its Message-ID."""

    sender: str
    address: str
    id: UUID
    at: datetime
    language: str


def one_click(address: str) -> dict[str, str]:
    """Headers by which a mail program ends the mails with one POST to an address (RFC 8058)."""
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def written_mail(envelope: Envelope, text: MailText, more: Mapping[str, str]) -> bytes:
    """A mail of these words with `more` headers. Raises ValueError for a line end in any header."""
    headers = {
        "From": envelope.sender,
        "To": envelope.address,
        "Subject": text.subject,
        "Date": format_datetime(envelope.at),
        "Message-ID": f"<{envelope.id}@{envelope.sender.rpartition('@')[2]}>",
        # Neither an absent officer's mailbox nor a list is to answer a machine (RFC 3834; Exchange has its own word).
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        **more,
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
        "Content-Language": envelope.language,
    }
    if any("\r" in value or "\n" in value for value in headers.values()):
        raise ValueError("a line end (newline) in a header")
    headers["Subject"] = _encoded(text.subject)
    head = "".join(f"{name}: {value}\n" for name, value in headers.items())
    body = text.body.replace("\r\n", "\n").replace("\r", "\n")
    return head.encode("ascii") + b"\n" + b2a_qp(f"{body}\n".encode(), istext=True)


def _encoded(text: str) -> str:
    """A header's words in ASCII (RFC 2047), folded where they are long."""
    if text.isascii() and text.isprintable() and "=?" not in text and len(text) <= _PLAIN_LENGTH:
        return text
    words, word = list[bytes](), b""
    for character in text:
        encoded = character.encode()
        if len(word) + len(encoded) > _WORD_BYTES:
            words.append(word)
            word = b""
        word += encoded
    return "\n ".join(f"=?utf-8?b?{b2a_base64(word, newline=False).decode()}?=" for word in [*words, word])


def _text(settings: Settings, agencies: Agencies, delivery: Delivery) -> MailText:
    item, to_citizen = delivery.items[0], delivery.audience is Audience.CITIZEN
    to_agency, referral_id = delivery.audience is Audience.AGENCY, item.details.referral_id
    answer = _link(settings, Purpose.ANSWER, referral_id) if to_agency and referral_id else ""
    links = Links(
        case=f"{settings.casework_url.rstrip('/')}/desk?open=",
        map=settings.public_map_url,
        contact=_link(settings, Purpose.CONTACT, item.report_id) if to_citizen else "",
        answer=answer,
        letter=partial(_link, settings, Purpose.LETTER),
    )
    if to_citizen:
        return compose_citizen_text(item, delivery.language, links, agencies.name)
    if to_agency:
        return compose_agency_text(item, links)
    return compose_officer_text(delivery.items, links)


def _link(settings: Settings, purpose: Purpose, about: UUID) -> str:
    return signed_link(settings.links_url, purpose, about, settings.link_key)
