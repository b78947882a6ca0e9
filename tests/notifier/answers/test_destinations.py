"""Where a webhook that an agency named may lead, and that it takes no longer than the limit wherever it leads."""

import asyncio
from datetime import timedelta
from ipaddress import ip_address, ip_network
from time import monotonic
from uuid import UUID

import pytest
from notifier.delivery.channels.destinations import NotAllowed, destination, may_lead_to
from notifier.delivery.channels.webhooks import post_webhook
from support.events import SUBMITTED
from support.notifier.mail import outcome_within
from support.notifier.trickling import talking, trickle_byte

OURS = (ip_network("192.168.7.0/24"),)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "192.168.7.9"])
def test_public_addresses_and_allowed_networks_are_sent_to(address: str) -> None:
    assert may_lead_to(ip_address(address), OURS)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.8.1", "224.0.0.1",
        "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
        "64:ff9b:1::a00:1", "2002:a00:1::1", "2001:0:a00:1::1",
    ],
)  # fmt: skip
def test_nothing_else_is_in_whatever_spelling(address: str) -> None:
    assert not may_lead_to(ip_address(address), OURS)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://8.8.8.8/", "https://", "https://user:word@8.8.8.8/", "https://8.8.8.8:99999/", "https://[::1/",
        "http://8.8.8.8/", "http://192.168.7.9/", "https://127.1/", "https://2130706433/", "https://0x7f000001/",
    ],
)  # fmt: skip
def test_an_address_that_is_none_or_is_no_https_or_hides_another_is_refused(url: str) -> None:
    with pytest.raises(NotAllowed):
        asyncio.run(destination(url, OURS))


def test_an_agency_that_answers_a_byte_at_a_time_takes_no_longer_than_the_limit() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
        while True:
            await trickle_byte(reader, writer)

    began, loopback = monotonic(), (ip_network("127.0.0.0/8"),)
    with talking(talk) as port:
        posting = post_webhook(f"http://127.0.0.1:{port}/", b"s", UUID(int=1), b"{}", SUBMITTED, lambda: None, loopback)
        assert isinstance(outcome_within(timedelta(seconds=1), posting), TimeoutError)
    assert monotonic() - began < 4  # of one second, on a machine that does other things besides
