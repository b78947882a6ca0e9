"""Where a webhook that an agency named may lead: to public addresses, and to networks a setting allows.

The name is looked up once, and what was looked at is what is connected to: a name that says something else the next
time leads nowhere else.
"""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from web.forwarding.networks import Network

Address = IPv4Address | IPv6Address
# What carries an IPv4 address inside: NAT64 (RFC 6052), 6to4, Teredo. Where they lead is not seen from here.
_CARRIERS = [IPv6Network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]


class NotAllowed(Exception):
    """Nothing is sent there; the text says why, and no address."""


async def destination(url: str, allowed: Sequence[Network]) -> Address:
    """The address to connect to. Raises NotAllowed, and OSError where the name is not found."""
    host, port = _host(url)
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [_unmapped(ip_address(str(info[4][0]).partition("%")[0])) for info in found]
    # One that leads inwards is enough: who mixes them in hopes that we take the other one.
    if not addresses or not all(may_lead_to(address, allowed) for address in addresses):
        raise NotAllowed("the webhook's name leads to an address that is not public")
    if urlsplit(url).scheme != "https" and not all(address.is_loopback for address in addresses):
        raise NotAllowed("the webhook is not an https address")
    return addresses[0]


def may_lead_to(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether a webhook may be sent to an address: a public one, or one in an allowed network."""
    address = _unmapped(address)
    if any(address in network for network in allowed if network.version == address.version):
        return True
    return address.is_global and not address.is_multicast and not any(address in carrier for carrier in _CARRIERS)


def _unmapped(address: Address) -> Address:
    """An IPv4 address that is written as one of IPv6, as itself."""
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def _host(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as wrong:
        raise NotAllowed("the webhook is no address") from wrong
    if parts.scheme not in ("https", "http") or not host or parts.username is not None:
        raise NotAllowed("the webhook is not an https address")
    return host, port
