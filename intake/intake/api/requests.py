"""What a request brings: its body within bounds, its Idempotency-Key, and the trace it belongs to."""

import re
import secrets

from starlette.types import Receive
from web.bodies import is_json, read_bounded, without_bom

from intake.api import problems
from intake.domain.identity import KEY, is_random

_TRACE = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


async def read_body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    """The whole body. Raises Problem: 415 for another type, 413 beyond the bound; ClientDisconnect."""
    if not is_json(headers):
        raise problems.media_type()
    return without_bom(await read_bounded(headers, receive, problems.MAX_BODY))


def idempotency_key(headers: dict[bytes, bytes]) -> bytes | None:
    """Raises Problem: 400 for one that can't be used, 422 for one that somebody else may make, too."""
    key = headers.get(b"idempotency-key")
    if key is not None and not KEY.fullmatch(key):
        raise problems.bad_key()
    if key is not None and not is_random(key):
        raise problems.guessable_key()
    return key


def traceparent(headers: dict[bytes, bytes]) -> str:
    """The trace a report is followed by (W3C Trace Context): the sender's where one is named, else a new one."""
    header = headers.get(b"traceparent", b"")
    return header.decode() if _TRACE.fullmatch(header) else f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
