"""An e-mail address has one form, and nothing that mail software could read as another is one."""

from email import policy
from email.message import EmailMessage
from email.utils import getaddresses

import pytest
from contracts.addresses import MAX_ADDRESS, email_address
from hypothesis import example, given
from hypothesis import strategies as st

# What headers, lists, quoting, comments, routes and encoded words are made of, between parts of ordinary addresses.
PIECES = ["jan", "żółw", "other.org", "example.org", "pl", "@", ".", "..", "-", "+", "_", " ", "\t", "\r\n", "\0", '"']
PIECES += [
    "<", ">", "(", ")", ",", ";", ":", "\\", "%", "!", "=?utf-8?q?", "?=", "=40", "=2C", "[127.0.0.1]", "\u200b",
    "\u202e", "＠", "。", "ｅ", "xn--", "xn--w-uga1v8h", "\ud800", "İ", "ß",
]  # fmt: skip


@pytest.mark.parametrize(
    ("given_as", "kept"),
    [
        ("jan@example.org", "jan@example.org"),
        (" jan@example.org ", "jan@example.org"),
        ("Jan.Kowalski+kmzb@Example.ORG", "Jan.Kowalski+kmzb@example.org"),
        ("jan@żółw.pl", "jan@xn--w-uga1v8h.pl"),
        ("jan@ŻÓŁW.pl", "jan@xn--w-uga1v8h.pl"),
        ("jan@z\u0307o\u0301łw.pl", "jan@xn--w-uga1v8h.pl"),
        ("jan@xn--w-uga1v8h.pl", "jan@xn--w-uga1v8h.pl"),
        ("o'brien/x=1@example.org", "o'brien/x=1@example.org"),
    ],
)
def test_an_address_has_one_form(given_as: str, kept: str) -> None:
    assert email_address(given_as) == kept
    assert email_address(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jan",
        "@example.org",
        "jan@",
        "=?utf-8?q??=@example.org",
        "=?utf-8?q?v=40other.org=2C?=@example.org",
        "jan@=?utf-8?q?other.org?=",
        "a=?b@example.org",
        '"jan"@example.org',
        '"jan kowalski"@example.org',
        "jan(comment)@example.org",
        "jan@example.org (Jan)",
        "Jan <jan@example.org>",
        "<jan@example.org>",
        "jan@example.org,ala@example.org",
        "jan@example.org;ala@example.org",
        "jan@example.org\nBcc: ala@example.org",
        "jan@example.org\n",
        "jan%other.org@example.org",
        "other.org!jan@example.org",
        "@other.org:jan@example.org",
        "jan@ala@example.org",
        "jan@[127.0.0.1]",
        "jan@127.0.0.1",
        "jan@example",
        "jan@localhost",
        "jan@example..org",
        ".jan@example.org",
        "jan.@example.org",
        "żółw@example.org",
        "jan\u200b@example.org",
        "jan@exam\u202eple.org",
        "jan@xn--a.pl",
        "jan@example.org\0",
        "\ud800@example.org",
        "jan@\ud800.org",
        "x" * 65 + "@example.org",
        "a@" + "b." * 130 + "pl",
        "jan＠example.org",
    ],
)
def test_what_is_not_one_plain_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="^not one plain e-mail address$"):
        email_address(text)


@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=9).map("".join), st.text(max_size=40), st.emails()))
@example("=?utf-8?q?v=40other.org=2C?=@example.org")
def test_whatever_is_accepted_reads_as_itself_in_a_header(text: str) -> None:
    """Also where mail software parses the header again, as Python's own does and as relays do."""
    try:
        address = email_address(text)
    except ValueError:
        return
    assert address.isascii()
    assert address.isprintable()
    assert len(address) <= MAX_ADDRESS
    assert email_address(address) == address
    mail = EmailMessage(policy=policy.SMTP)
    mail["To"] = address
    assert [each.addr_spec for each in mail["To"].addresses] == [address]
    assert getaddresses([address]) == [("", address)]
