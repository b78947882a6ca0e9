"""Signatures as Standard Webhooks has them: of what we send to an agency, and of what it sends to us."""

import hashlib
import hmac
from base64 import b64encode
from datetime import datetime, timedelta

TIME_WINDOW = timedelta(minutes=5)
"""How old, or how far ahead, a signed request may be."""
_SCHEME = "v1,"
_MOST_SIGNATURES = 8


class NotSigned(Exception):
    """A request is not from whom it says; the text names the header and what is wrong with it."""


def recipient_secret(master: bytes, code: str) -> bytes:
    """The key of one recipient, so that knowing one's own helps against nobody else."""
    return hmac.digest(master, f"webhook/{code}".encode(), hashlib.sha256)


def written_secret(secret: bytes) -> str:
    """A key as the libraries of Standard Webhooks take it."""
    return f"whsec_{b64encode(secret).decode()}"


def signature(secret: bytes, message_id: str, sent_at: str, body: bytes) -> str:
    """Standard Webhooks' v1, in base64; `sent_at` in whole seconds since 1970."""
    signed = f"{message_id}.{sent_at}.".encode() + body
    return b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def check_signature(secret: bytes, message_id: str, sent_at: str, signatures: str, body: bytes, now: datetime) -> None:
    """Raises NotSigned unless one of the signatures is the key's, of about now."""
    if not message_id or len(message_id) > 128 or not message_id.isascii() or not message_id.isprintable():
        raise NotSigned("webhook-id: send an id of 1 to 128 printable ASCII characters")
    if not (sent_at.isascii() and sent_at.isdecimal() and len(sent_at) < 12):
        raise NotSigned("webhook-timestamp: send whole seconds since 1970")
    if abs(now.timestamp() - int(sent_at)) > TIME_WINDOW.total_seconds():
        raise NotSigned("webhook-timestamp: more than five minutes from our time; set your clock, sign anew")
    wanted = (_SCHEME + signature(secret, message_id, sent_at, body)).encode()
    given = signatures.encode().split(b" ")[:_MOST_SIGNATURES]
    # Every one is compared, and all alike.
    if not sum(hmac.compare_digest(one, wanted) for one in given):
        raise NotSigned("webhook-signature: none is of this body, id and time by this agency's key")
