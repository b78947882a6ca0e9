"""Where a page begins, as an opaque word: after the report whose id is in it."""

import base64
import binascii
from uuid import UUID


def encode_cursor(last: UUID) -> str:
    """The cursor of the page after a report."""
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")


def decode_cursor(text: str) -> UUID:
    """The report a page comes after. Raises ValueError for what `encode_cursor` never made."""
    try:
        return UUID(bytes=base64.b64decode(text + "==", altchars=b"-_", validate=True))
    except binascii.Error as wrong:
        raise ValueError(str(wrong)) from wrong
