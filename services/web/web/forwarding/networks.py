"""Networks in settings: whose word about a sender's address is taken."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

Network = IPv4Network | IPv6Network


def _networks(text: object) -> object:
    if not isinstance(text, str):
        return text
    return tuple(ip_network(network.strip()) for network in text.split(",") if network.strip())


Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]
"""Networks with commas between, such as `10.0.0.0/8, 2001:db8::/32`."""
