"""What a request brings: its body within bounds, its Idempotency-Key, who sends it, and the trace it belongs to."""

import re
import secrets
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from intake import problems
from intake.domain import KEY
from intake.settings import Network

Headers = Iterable[tuple[bytes, bytes]]
Address = IPv4Address | IPv6Address
# As proxies write it: 203.0.113.7, 203.0.113.7:4711, 2001:db8::1, [2001:db8::1]:4711
_HOP = re.compile(r'"?(?:\[(?P<six>[0-9A-Fa-f:.]+)\](?::\d+)?|(?P<four>[0-9.]+)(?::\d+)?|(?P<bare>[0-9A-Fa-f:.]+))"?')
_FOR = re.compile(r"(?i)(?:^|;)\s*for\s*=\s*([^;]+)")
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


def sender_of(scope: Scope, trusted: Sequence[Network]) -> str:
    """Who sends a request, as far as a network address tells; see `sender`."""
    peer = scope["client"][0] if scope.get("client") else None
    return sender(peer, scope["headers"], trusted)


def sender(peer: str | None, headers: Headers, trusted: Sequence[Network]) -> str:
    """The IPv4 address or IPv6 /64 a request comes from, in text.

    A forwarded address counts only on the word of a proxy we know. From the nearest hop outwards: the first one that is
    no trusted proxy is the sender. What stands beyond it, or can't be read, is anybody's word and ignored.
    """
    address = _address((peer or "").partition("%")[0])
    if address is None:
        return "unknown"
    if trusted and _within(address, trusted):
        for hop in reversed(_hops(headers)):
            nearer = _address(hop)
            if nearer is None:
                break
            address = nearer
            if not _within(address, trusted):
                break
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)


def _hops(headers: Headers) -> list[str]:
    """Forwarded addresses, the nearest last. X-Forwarded-For goes first where both are there."""
    lines: dict[bytes, list[str]] = {b"x-forwarded-for": [], b"forwarded": []}
    for name, value in headers:
        if name in lines:
            lines[name] += value.decode("latin-1").split(",")
    if lines[b"x-forwarded-for"]:
        return [hop.strip() for hop in lines[b"x-forwarded-for"]]
    found = (_FOR.search(element.strip()) for element in lines[b"forwarded"])
    return [match[1].strip() if match else "" for match in found]


def _address(text: str) -> Address | None:
    match = _HOP.fullmatch(text)
    if match is None:
        return None
    try:
        address = ip_address(match["six"] or match["four"] or match["bare"])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
