"""The trace a request belongs to (W3C Trace Context), so that a report can be followed through every service."""

import re
import secrets

_VALID = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def traceparent(header: bytes | None) -> str:
    """The sender's, where it is one; else a new one."""
    if header is not None and _VALID.fullmatch(header):
        return header.decode()
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
