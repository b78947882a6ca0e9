"""The links that carry a citizen's yes or no back (docs/decisions/0004)."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from uuid import UUID

PATH = "/v1/contact-confirmations"
_SIGNATURE_BYTES = 16


def confirmation_link(public_url: str, report_id: UUID, secret: bytes) -> str:
    """Where the citizen of a report says yes or no."""
    return f"{public_url.rstrip('/')}{PATH}/{confirmation_token(report_id, secret)}"


def confirmation_token(report_id: UUID, secret: bytes) -> str:
    """What stands in the links of one report's citizen: it names the report and proves that we wrote it."""
    return urlsafe_b64encode(report_id.bytes + _signature(report_id, secret)).decode().rstrip("=")


def report_of_token(token: str, secret: bytes) -> UUID | None:
    """The report a token is for, or None when we did not write it."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (NotBase64, UnicodeEncodeError):
        return None
    if len(raw) != 16 + _SIGNATURE_BYTES:
        return None
    report_id = UUID(bytes=raw[:16])
    # In its one spelling: base64 is read with anything between its letters.
    return report_id if hmac.compare_digest(token, confirmation_token(report_id, secret)) else None


def _signature(report_id: UUID, secret: bytes) -> bytes:
    return hmac.digest(secret, b"contact/" + report_id.bytes, hashlib.sha256)[:_SIGNATURE_BYTES]
