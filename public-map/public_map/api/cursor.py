"""Where a page begins, as an opaque word: after the report whose id is in it, or whose time and id are."""

import base64
import binascii
import struct
from datetime import UTC, datetime
from uuid import UUID

_MOMENT = struct.Struct(">q16s")


def encode_cursor(last: UUID) -> str:
    """The cursor of the page after a report."""
    return _word(last.bytes)


def decode_cursor(text: str) -> UUID:
    """The report a page comes after. Raises ValueError for what `encode_cursor` never made."""
    return UUID(bytes=_bytes(text))


def encode_moment(at: datetime, last: UUID) -> str:
    """The cursor of the page after a report, where the order is by a time, to the second."""
    return _word(_MOMENT.pack(int(at.timestamp()), last.bytes))


def decode_moment(text: str) -> tuple[datetime, UUID]:
    """The time and the report a page comes after. Raises ValueError for what `encode_moment` never made."""
    try:
        seconds, last = _MOMENT.unpack(_bytes(text))
        return datetime.fromtimestamp(seconds, UTC), UUID(bytes=last)
    except (struct.error, OverflowError, OSError) as wrong:
        raise ValueError(str(wrong)) from wrong


def _word(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as wrong:
        raise ValueError(str(wrong)) from wrong
