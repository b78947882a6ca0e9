"""Who sends a request, as far as network addresses tell."""

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.types import Scope

from web.forwarding.networks import Network

Headers = Iterable[tuple[bytes, bytes]]
Address = IPv4Address | IPv6Address
# As proxies write it: 203.0.113.7, 203.0.113.7:4711, 2001:db8::1, [2001:db8::1]:4711
_HOP = re.compile(r'"?(?:\[(?P<six>[0-9A-Fa-f:.]+)\](?::\d+)?|(?P<four>[0-9.]+)(?::\d+)?|(?P<bare>[0-9A-Fa-f:.]+))"?')
_FOR = re.compile(r"(?i)(?:^|;)\s*for\s*=\s*([^;]+)")


def sender_of(scope: Scope, trusted: Sequence[Network]) -> str:
    """The sender of a request; see `sender`."""
    return sender(_peer(scope), scope["headers"], trusted)


def sender(peer: str | None, headers: Headers, trusted: Sequence[Network]) -> str:
    """The IPv4 address or IPv6 /64 a request comes from, in text: a household has a /64 of IPv6 to itself."""
    address = sending_address(peer, headers, trusted)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or "unknown")


def address_of(scope: Scope, trusted: Sequence[Network]) -> Address | None:
    """The address a request comes from; see `sending_address`."""
    return sending_address(_peer(scope), scope["headers"], trusted)


def sending_address(peer: str | None, headers: Headers, trusted: Sequence[Network]) -> Address | None:
    """The address a request comes from; None where the connection has none.

    A forwarded address counts only on the word of a proxy we know. From the nearest hop outwards: the first one that is
    no trusted proxy is the sender. What stands beyond it, or can't be read, is anybody's word and ignored.
    """
    address = _address((peer or "").partition("%")[0])
    if address is not None and trusted and _within(address, trusted):
        for hop in reversed(_hops(headers)):
            nearer = _address(hop)
            if nearer is None:
                break
            address = nearer
            if not _within(address, trusted):
                break
    return address


def _peer(scope: Scope) -> str | None:
    return scope["client"][0] if scope.get("client") else None


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
