"""The link by which an agency answers one referral, like those of citizens (docs/decisions/0004 and 0094)."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from uuid import UUID

PATH = "/v1/referral-answers"
_SIGNATURE_BYTES = 16


def answer_link(public_url: str, referral_id: UUID, secret: bytes) -> str:
    """Where the agency that was asked answers a referral."""
    return f"{public_url.rstrip('/')}{PATH}/{answer_token(referral_id, secret)}"


def answer_token(referral_id: UUID, secret: bytes) -> str:
    """What stands in the link: it names the referral and proves that we wrote it."""
    return urlsafe_b64encode(referral_id.bytes + _signature(referral_id, secret)).decode().rstrip("=")


def referral_of_token(token: str, secret: bytes) -> UUID | None:
    """The referral a token is for, or None when we did not write it."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (NotBase64, UnicodeEncodeError):
        return None
    if len(raw) != 16 + _SIGNATURE_BYTES:
        return None
    referral_id = UUID(bytes=raw[:16])
    # In its one spelling: base64 is read with anything between its letters.
    return referral_id if hmac.compare_digest(token, answer_token(referral_id, secret)) else None


def _signature(referral_id: UUID, secret: bytes) -> bytes:
    return hmac.digest(secret, b"referral/" + referral_id.bytes, hashlib.sha256)[:_SIGNATURE_BYTES]
