"""What a mail that came back says (RFC 3464): which delivery failed for good, and by which status."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from uuid import UUID

from notifier.contacts.return_paths import delivery_of

# Where mail servers write the address that a mail was delivered to; `To` of a report is the return path itself.
_ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
_FOR_GOOD = re.compile(r"5\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery that came back, and the enhanced status it came back with (RFC 3463). No words, and no address."""

    delivery_id: UUID
    status: str


def read_bounce(mail: bytes, key: bytes) -> Bounce | None:
    """The bounce a mail is. None for all else: an answer by a machine, a delay, what was not sent by us."""
    message = BytesParser(policy=compat32).parsebytes(mail)
    if message.get_content_type() != "multipart/report":
        return None
    addresses = [str(value) for name in _ADDRESSED for value in message.get_all(name, ())]
    delivery_id = next(filter(None, (delivery_of(address, key) for address in addresses)), None)
    statuses = [str(group.get("Status", "")) for group in _recipients(message) if _failed(group)]
    found = next(filter(None, map(_FOR_GOOD.match, statuses)), None)
    return Bounce(delivery_id, found[0]) if delivery_id and found else None


def _recipients(message: Message) -> Iterator[Message]:
    """The groups of fields of a delivery status, those of the message as a whole among them."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and isinstance(groups := part.get_payload(), list):
            yield from (group for group in groups if isinstance(group, Message))


def _failed(group: Message) -> bool:
    return str(group.get("Action", "")).strip().lower() == "failed"
