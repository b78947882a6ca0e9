"""Links about one referral, like those of citizens (docs/decisions/0004, 0094): to answer it, to print its letter."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from enum import StrEnum
from uuid import UUID

_SIGNATURE_BYTES = 16


class Purpose(StrEnum):
    """What a link is for, as its address says it. One for another purpose opens nothing here."""

    ANSWER = "referral-answers"
    LETTER = "referral-letters"


def referral_link(public_url: str, purpose: Purpose, referral_id: UUID, secret: bytes) -> str:
    """Where whoever holds it answers a referral, or prints the letter that says how to."""
    return f"{public_url.rstrip('/')}/v1/{purpose}/{referral_token(purpose, referral_id, secret)}"


def referral_token(purpose: Purpose, referral_id: UUID, secret: bytes) -> str:
    """What stands in the link: it names the referral and proves that we wrote it, for this purpose."""
    signed = hmac.digest(secret, f"{purpose}/".encode() + referral_id.bytes, hashlib.sha256)[:_SIGNATURE_BYTES]
    return urlsafe_b64encode(referral_id.bytes + signed).decode().rstrip("=")


def referral_of_token(purpose: Purpose, token: str, secret: bytes) -> UUID | None:
    """The referral a token is for, or None when we did not write it, or for another purpose."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (NotBase64, UnicodeEncodeError):
        return None
    if len(raw) != 16 + _SIGNATURE_BYTES:
        return None
    referral_id = UUID(bytes=raw[:16])
    # In its one spelling: base64 is read with anything between its letters.
    return referral_id if hmac.compare_digest(token, referral_token(purpose, referral_id, secret)) else None
