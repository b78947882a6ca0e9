"""Links that prove themselves (decisions 0004, 0094, 0102): each names a report, referral or subscription, and is ours.

Whoever holds one may do what it is for: say whether we may write, or no more, answer for an agency, print its letter.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from enum import StrEnum
from uuid import UUID

_SIGNATURE_BYTES = 16


class Purpose(StrEnum):
    """What a link is for, as it is signed: links that were sent stay valid only while these words stay as they are.

    One for another purpose opens nothing.
    """

    CONTACT = "contact"
    ANSWER = "referral-answers"
    LETTER = "referral-letters"
    SUBSCRIPTION = "subscriptions"

    @property
    def path(self) -> str:
        """The path of its links, before the token."""
        return f"/v1/{'contact-confirmations' if self is Purpose.CONTACT else self.value}"


def signed_link(public_url: str, purpose: Purpose, about: UUID, secret: bytes) -> str:
    """The address that leads whoever holds it to the page of this purpose about one report or referral."""
    return f"{public_url.rstrip('/')}{purpose.path}/{signed_token(purpose, about, secret)}"


def signed_token(purpose: Purpose, about: UUID, secret: bytes) -> str:
    """What stands in the link: it names what it is about and proves that we wrote it, for this purpose."""
    signature = hmac.digest(secret, f"{purpose}/".encode() + about.bytes, hashlib.sha256)[:_SIGNATURE_BYTES]
    return urlsafe_b64encode(about.bytes + signature).decode().rstrip("=")


def read_token(purpose: Purpose, text: str, secret: bytes) -> UUID | None:
    """The report or referral a token is about; None when we did not write it, or for another purpose."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (NotBase64, UnicodeEncodeError):
        return None
    if len(raw) != 16 + _SIGNATURE_BYTES:
        return None
    about = UUID(bytes=raw[:16])
    # In its one spelling: base64 is read with anything between its letters.
    return about if hmac.compare_digest(text, signed_token(purpose, about, secret)) else None
