"""Who a report is: its id, its receipt and the names its sender is counted under, all derived and never stored."""

import base64
import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from math import log2
from uuid import UUID

KEY = re.compile(rb"[\x21-\x7e]{16,255}")
"""What an Idempotency-Key may be: 16 to 255 visible ASCII characters."""
_RANDOM_BITS = 64


def is_random(key: bytes) -> bool:
    """Whether nobody else is likely to have made this key, as far as can be seen from it.

    Judged by how unevenly its characters, and the steps from each to the next, are spread (Shannon's entropy times the
    length), and by how many pairs of characters come again: a UUID has 90 bits or more by that, sixteen times one
    letter none. It tells what was made by hand from what was drawn, not one who means to deceive from others.
    """
    pairs = list(pairwise(key))
    bits = min(_bits(key), _bits([after - before for before, after in pairs]))
    return bits * len(set(pairs)) / len(pairs) >= _RANDOM_BITS


def _bits(parts: Sequence[int]) -> float:
    return sum(count * log2(len(parts) / count) for count in Counter(parts).values())


@dataclass(frozen=True, slots=True)
class KeyUse:
    """An Idempotency-Key in use: the name it is kept under, the SHA-256 of the body it came with (hex), and when."""

    name: str
    body_sha256: str
    sent_at: datetime


class Identities:
    """Everything that is derived from intake's two secrets. The same input gives the same identity, for ever.

    `secret` makes ids and names, `receipt_secret` receipts; 32 bytes each (docs/decisions/0001).
    """

    def __init__(self, secret: bytes, receipt_secret: bytes) -> None:
        self._secret, self._receipt_secret = secret, receipt_secret
        self._key_of = lru_cache(maxsize=4)(lambda day: self._mac(b"day", day.isoformat().encode()))

    def report_id(self, key: bytes, body: bytes) -> UUID:
        """The id of the report that this body under this Idempotency-Key makes."""
        return UUID(bytes=self._mac(b"report", key, hashlib.sha256(body).digest())[:16], version=4)

    def receipt(self, report_id: UUID) -> str:
        """128 bits that only the one who reports has, as 22 characters of url-safe base64."""
        digest = hmac.digest(self._receipt_secret, b"receipt\0" + report_id.bytes, "sha256")
        return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()

    def owns(self, receipt: str, report_id: UUID) -> bool:
        """Whether a receipt belongs to a report."""
        return hmac.compare_digest(receipt.encode(), self.receipt(report_id).encode())

    def supporter(self, sender: str, report_id: UUID) -> str:
        """Tells repeats by one sender on one report apart. Across reports nothing connects the same sender."""
        return self._mac(b"supporter", sender.encode(), str(report_id).encode()).hex()

    def counter(self, sender: str, at: datetime, *subject: str) -> str:
        """The name of what a sender's uses are counted under, for one day (UTC); no address can be read from it."""
        return hmac.digest(self._key_of(at.date()), "\0".join((sender, *subject)).encode(), "sha256")[:16].hex()

    def key_use(self, key: bytes, body: bytes, sent_at: datetime) -> KeyUse:
        """The use of an Idempotency-Key for a body; the key itself can't be read from it."""
        return KeyUse(self._mac(b"key", key)[:16].hex(), hashlib.sha256(body).hexdigest(), sent_at)

    def _mac(self, *parts: bytes) -> bytes:
        # All but the last are free of NUL, so no two lists of parts make the same message.
        return hmac.digest(self._secret, b"\0".join(parts), "sha256")
