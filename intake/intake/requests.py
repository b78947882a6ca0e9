"""Reading a request to the hot route: its body within bounds, its type, its Idempotency-Key."""

from starlette.types import Receive, Scope

from intake import problems
from intake.domain import KEY


class ClientGone(Exception):
    """The sender hung up before the body was there."""


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    return dict(scope["headers"])


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
