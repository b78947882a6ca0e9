"""One attempt to POST a delivery to a recipient's webhook, signed as Standard Webhooks has it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import httpx
import msgspec
from contracts.events.notices import Audience
from contracts.events.referrals import ReferralMade, ReferralWithdrawn
from web.forwarding.networks import Network

from notifier.answers.signatures import signature
from notifier.delivery.channels.destinations import NotAllowed, destination
from notifier.domain.deliveries import AttemptResult, Delivery, DeliveryItem, Outcome
from notifier.domain.notices import EMERGENCY_KINDS, NoticeKind
from notifier.domain.refusals import webhook_outcome
from notifier.tls import trusted_authorities


async def post_webhook(
    url: str,
    secret: bytes,
    delivery_id: UUID,
    body: bytes,
    now: datetime,
    hand_over: Callable[[], None],
    allowed: Sequence[Network] | None = None,
) -> AttemptResult:
    """POST a body once. The id is the same at each attempt, so a repeat shows.

    `hand_over` is called before the first byte of the body leaves. Redirections are not followed: what is signed for
    one recipient goes nowhere else. `allowed`: where an address is not the operators' own, the networks it may lie in
    though they are not public. Raises whatever goes wrong on the way.
    """
    headers, extensions, target = _signed(secret, delivery_id, body, now), dict[str, Any](), httpx.URL(url)

    async def trace(step: str, _: dict[str, Any]) -> None:
        if step.endswith(".send_request_body.started"):
            hand_over()

    if allowed is not None:
        try:
            address = await destination(url, allowed)
        except NotAllowed as refused:
            return AttemptResult(Outcome.REFUSED, str(refused))
        # What was looked at is connected to; certificate and request go by the name.
        extensions["sni_hostname"], headers["host"] = target.host, target.netloc.decode("ascii")
        target = target.copy_with(host=str(address))
    extensions["trace"] = trace
    # An environment's proxy must not see what is signed for somebody else. The whole attempt has one limit.
    client = httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=None, verify=trusted_authorities())
    # The answer's body is not read: nothing in it changes anything, and it may have no end.
    async with client, client.stream("POST", target, content=body, headers=headers, extensions=extensions) as answer:
        outcome = webhook_outcome(answer.status_code)
        if outcome is Outcome.SENT:
            return AttemptResult(outcome)
        wait = retry_after(answer.headers.get("retry-after", ""), now)
        return AttemptResult(outcome, f"HTTP {answer.status_code}", wait)


def _signed(secret: bytes, delivery_id: UUID, body: bytes, now: datetime) -> dict[str, str]:
    sent_at = str(int(now.timestamp()))
    return {
        "content-type": "application/json",
        "user-agent": "kmzb-notifier",
        "webhook-id": str(delivery_id),
        "webhook-timestamp": sent_at,
        "webhook-signature": f"v1,{signature(secret, str(delivery_id), sent_at, body)}",
    }


def retry_after(value: str, now: datetime) -> timedelta | None:
    """How long the other side asks us to wait (RFC 9110, 10.2.3: seconds or a date); None where it says nothing."""
    try:
        wait = timedelta(seconds=int(value)) if value.isdecimal() else parsedate_to_datetime(value) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return wait if wait > timedelta(0) else None


def encode_webhook(delivery: Delivery, at: datetime) -> bytes:
    """The body of a webhook: the kind, whether somebody has to be woken, and each notice with its details.

    An agency is sent what it would read on a topic of its own.
    """
    if delivery.audience is Audience.AGENCY and (item := delivery.items[0]).details.said:
        made = ReferralMade if item.kind is NoticeKind.CASE_REFERRED else ReferralWithdrawn
        said = msgspec.Raw(item.details.said.encode())
        return msgspec.json.encode({"type": made.__name__, "timestamp": at, "data": said})
    notices = [{"kind": item.kind, "report_id": item.report_id, **_details(item)} for item in delivery.items]
    data = {"recipient": delivery.recipient, "urgent": delivery.kind in EMERGENCY_KINDS, "notices": notices}
    return msgspec.json.encode({"type": delivery.kind, "timestamp": at, "data": data})


def _details(item: DeliveryItem) -> dict[str, Any]:
    return {name: value for name, value in asdict(item.details).items() if name not in ("said", "referral_id")}
