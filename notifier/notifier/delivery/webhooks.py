"""One attempt to POST a delivery to a recipient's webhook, signed as Standard Webhooks has it."""

import hashlib
import hmac
from base64 import b64encode
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import msgspec

from notifier.domain.deliveries import AttemptResult, Delivery, Outcome


def post_webhook(
    url: str, secret: bytes, delivery_id: UUID, body: bytes, now: datetime, timeout: timedelta
) -> AttemptResult:
    """POST a body once. The id is the same at each attempt, so a repeat shows.

    Redirections are refused: what is signed for one recipient goes nowhere else.
    """
    sent_at = str(int(now.timestamp()))
    headers = {
        "content-type": "application/json",
        "user-agent": "kmzb-notifier",
        "webhook-id": str(delivery_id),
        "webhook-timestamp": sent_at,
        "webhook-signature": f"v1,{signature(secret, str(delivery_id), sent_at, body)}",
    }
    # An environment's proxy must not see what is signed for somebody else.
    client = httpx.Client(follow_redirects=False, trust_env=False, timeout=timeout.total_seconds() / 3)
    try:
        # The answer's body is not read: nothing in it changes anything, and it may have no end.
        with client, client.stream("POST", url, content=body, headers=headers) as answer:
            code = answer.status_code
    except (httpx.HTTPError, OSError) as error:
        return AttemptResult(Outcome.DEFERRED, type(error).__name__)
    if 200 <= code < 300:
        return AttemptResult(Outcome.SENT)
    again = code >= 500 or code in (408, 409, 425, 429)
    return AttemptResult(Outcome.DEFERRED if again else Outcome.REFUSED, f"HTTP {code}")


def encode_webhook(delivery: Delivery, at: datetime) -> bytes:
    """The body of a webhook: the kind, and each notice with its details."""
    notices = [{"kind": item.kind, "report_id": item.report_id, **asdict(item.details)} for item in delivery.items]
    body = {"type": delivery.kind, "timestamp": at, "data": {"recipient": delivery.recipient, "notices": notices}}
    return msgspec.json.encode(body)


def signature(secret: bytes, message_id: str, sent_at: str, body: bytes) -> str:
    """Standard Webhooks' v1, in base64; `sent_at` in whole seconds since 1970."""
    signed = f"{message_id}.{sent_at}.".encode() + body
    return b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def recipient_secret(master: bytes, code: str) -> bytes:
    """The key one recipient's webhook is signed with, so that knowing one's own helps against nobody else."""
    return hmac.digest(master, f"webhook/{code}".encode(), hashlib.sha256)
