"""The events that say on the notice topic what became of a delivery."""

from datetime import datetime
from typing import Any

from contracts.envelope import Outgoing, encode, follows
from contracts.events.notices import NoticeFailed, NoticeSent, NoticeUncertain

from notifier.domain.deliveries import Delivery, DeliveryState, NextState


def announcements(
    source: str, delivery: Delivery, after: NextState, reason: str | None, at: datetime
) -> list[Outgoing]:
    """The event about an attempt of the instance `source`; none for one that is simply made again, or that had nobody
    to go to any more.
    """
    if not after.announced:
        return []
    fields: dict[str, Any] = {
        "notice_id": delivery.id,
        "report_id": delivery.report_id,
        "kind": delivery.kind,
        "channel": delivery.channel,
        "audience": delivery.audience,
        "recipient": delivery.recipient,
        "attempt": delivery.attempt,
        "at": at,
    }
    event: NoticeSent | NoticeUncertain | NoticeFailed
    if after.state is DeliveryState.FAILED:
        event = NoticeFailed(**fields, reason=reason or "refused")
    else:
        event = NoticeSent(**fields) if after.state is DeliveryState.SENT else NoticeUncertain(**fields)
    event_id = follows(delivery.id, f"{type(event).__name__}/{delivery.attempt}")
    return [encode(event, source=source, at=at, event_id=event_id)]
