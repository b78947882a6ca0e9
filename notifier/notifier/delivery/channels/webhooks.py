"""One attempt to POST a delivery to a recipient's webhook, signed as Standard Webhooks has it."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import httpx
import msgspec

from notifier.domain.deliveries import AttemptResult, Delivery, Outcome
from notifier.domain.notices import EMERGENCY_KINDS
from notifier.domain.refusals import webhook_outcome
from notifier.tls import trusted_authorities


async def post_webhook(
    url: str, secret: bytes, delivery_id: UUID, body: bytes, now: datetime, hand_over: Callable[[], None]
) -> AttemptResult:
    """POST a body once. The id is the same at each attempt, so a repeat shows.

    `hand_over` is called before the first byte of the body leaves. Redirections are not followed: what is signed for
    one recipient goes nowhere else. Raises whatever goes wrong on the way.
    """
    sent_at = str(int(now.timestamp()))
    headers = {
        "content-type": "application/json",
        "user-agent": "kmzb-notifier",
        "webhook-id": str(delivery_id),
        "webhook-timestamp": sent_at,
        "webhook-signature": f"v1,{signature(secret, str(delivery_id), sent_at, body)}",
    }

    async def trace(step: str, _: dict[str, Any]) -> None:
        if step.endswith(".send_request_body.started"):
            hand_over()

    # An environment's proxy must not see what is signed for somebody else. The whole attempt has one limit.
    client = httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=None, verify=trusted_authorities())
    # The answer's body is not read: nothing in it changes anything, and it may have no end.
    async with client, client.stream("POST", url, content=body, headers=headers, extensions={"trace": trace}) as answer:
        outcome = webhook_outcome(answer.status_code)
        if outcome is Outcome.SENT:
            return AttemptResult(outcome)
        wait = retry_after(answer.headers.get("retry-after", ""), now)
        return AttemptResult(outcome, f"HTTP {answer.status_code}", wait)


def retry_after(value: str, now: datetime) -> timedelta | None:
    """How long the other side asks us to wait (RFC 9110, 10.2.3: seconds or a date); None where it says nothing."""
    try:
        wait = timedelta(seconds=int(value)) if value.isdecimal() else parsedate_to_datetime(value) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return wait if wait > timedelta(0) else None


def encode_webhook(delivery: Delivery, at: datetime) -> bytes:
    """The body of a webhook: the kind, whether somebody has to be woken, and each notice with its details."""
    notices = [{"kind": item.kind, "report_id": item.report_id, **asdict(item.details)} for item in delivery.items]
    data = {"recipient": delivery.recipient, "urgent": delivery.kind in EMERGENCY_KINDS, "notices": notices}
    return msgspec.json.encode({"type": delivery.kind, "timestamp": at, "data": data})


def signature(secret: bytes, message_id: str, sent_at: str, body: bytes) -> str:
    """Standard Webhooks' v1, in base64; `sent_at` in whole seconds since 1970."""
    signed = f"{message_id}.{sent_at}.".encode() + body
    return b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def recipient_secret(master: bytes, code: str) -> bytes:
    """The key one recipient's webhook is signed with, so that knowing one's own helps against nobody else."""
    return hmac.digest(master, f"webhook/{code}".encode(), hashlib.sha256)
