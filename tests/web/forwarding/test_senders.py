"""Who sent it: only the word of proxies we know is taken."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web.forwarding.senders import sender

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48"))
XFF, FORWARDED = b"x-forwarded-for", b"forwarded"

CASES = [
    ("a stranger's forwarded address is ignored", "203.0.113.9", [(XFF, b"198.51.100.1")], "203.0.113.9"),
    ("a proxy's is believed", "10.1.1.1", [(XFF, b"198.51.100.1")], "198.51.100.1"),
    ("what stands beyond the first stranger is ignored", "10.1.1.1", [(XFF, b"1.1.1.1, 198.51.100.1")], "198.51.100.1"),
    ("proxies in a row", "10.1.1.1", [(XFF, b"198.51.100.1, 10.2.2.2")], "198.51.100.1"),
    ("several headers are one list", "10.1.1.1", [(XFF, b"1.1.1.1"), (XFF, b"198.51.100.1")], "198.51.100.1"),
    ("with a port", "10.1.1.1", [(XFF, b"198.51.100.1:4711")], "198.51.100.1"),
    ("nothing forwarded", "10.1.1.1", [], "10.1.1.1"),
    ("nonsense is nobody's address", "10.1.1.1", [(XFF, b"198.51.100.1, unknown")], "10.1.1.1"),
    ("numbers too large", "10.1.1.1", [(XFF, b"999.1.1.1")], "10.1.1.1"),
    ("Forwarded", "10.1.1.1", [(FORWARDED, b'proto=https;for=198.51.100.1, For="10.3.3.3:80"')], "198.51.100.1"),
    ("Forwarded, hidden", "10.1.1.1", [(FORWARDED, b"for=_hidden")], "10.1.1.1"),
    ("Forwarded, six", "10.1.1.1", [(FORWARDED, b'for="[2001:db8:1:2:3::4]:80"')], "2001:db8:1:2::/64"),
    ("X-Forwarded-For goes first", "10.1.1.1", [(FORWARDED, b"for=1.1.1.1"), (XFF, b"2.2.2.2")], "2.2.2.2"),
    ("one household of IPv6", "2001:db8:1:2:aaaa:bbbb:cccc:dddd", [], "2001:db8:1:2::/64"),
    ("a proxy of IPv6", "2001:db8:ffff::1", [(XFF, b"2001:db8:1:2::9")], "2001:db8:1:2::/64"),
    ("with a zone", "fe80::1%eth0", [], "fe80::/64"),
    ("four in six", "::ffff:203.0.113.9", [], "203.0.113.9"),
    ("a proxy as four in six", "::ffff:10.1.1.1", [(XFF, b"198.51.100.1")], "198.51.100.1"),
    ("no peer", None, [(XFF, b"198.51.100.1")], "unknown"),
]


@pytest.mark.parametrize(("peer", "headers", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_sender_is(peer: str | None, headers: list[tuple[bytes, bytes]], expected: str) -> None:
    assert sender(peer, headers, PROXIES) == expected


@given(st.binary(max_size=100), st.sampled_from([XFF, FORWARDED]))
def test_without_known_proxies_no_header_changes_the_sender(value: bytes, name: bytes) -> None:
    assert sender("203.0.113.9", [(name, value)], ()) == "203.0.113.9"
    assert sender("203.0.113.9", [(name, value)], PROXIES) == "203.0.113.9"


@given(st.binary(max_size=200), st.sampled_from([XFF, FORWARDED]))
def test_whatever_a_proxy_writes_there_is_a_sender(value: bytes, name: bytes) -> None:
    assert sender("10.1.1.1", [(name, value)], PROXIES)
