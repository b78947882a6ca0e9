"""What a request brings: its body within bounds, its Idempotency-Key, and the trace it belongs to."""

import re
import secrets

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from intake.api import problems
from intake.domain.identity import KEY

_TRACE = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class ClientGone(Exception):
    """The sender hung up before the body was there."""


async def read_body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    """The whole body. Raises Problem: 415 for another type, 413 beyond the bound, declared or not."""
    kind, _, parameters = headers.get(b"content-type", b"").lower().partition(b";")
    charset = parameters.replace(b" ", b"").replace(b'"', b"")
    if kind.strip() != b"application/json" or charset not in (b"", b"charset=utf-8") or b"content-encoding" in headers:
        raise problems.media_type()
    declared = headers.get(b"content-length", b"0")
    if not declared.isdigit() or int(declared) > problems.MAX_BODY:
        raise problems.too_large()
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > problems.MAX_BODY:
            raise problems.too_large()
        if not message.get("more_body", False):
            return b"".join(parts)


def idempotency_key(headers: dict[bytes, bytes]) -> bytes | None:
    """Raises Problem 400 for one that can't be used."""
    key = headers.get(b"idempotency-key")
    if key is not None and not KEY.fullmatch(key):
        raise problems.bad_key()
    return key


def bounded(receive: Receive) -> Receive:
    """The same bound for what FastAPI reads; its own setting answers in plain text, which is no problem."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > problems.MAX_BODY:
            raise HTTPException(413, f"the body is too large: it has at most {problems.MAX_BODY} bytes")
        return message

    return counted


def traceparent(headers: dict[bytes, bytes]) -> str:
    """The trace a report is followed by (W3C Trace Context): the sender's where one is named, else a new one."""
    header = headers.get(b"traceparent", b"")
    return header.decode() if _TRACE.fullmatch(header) else f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
