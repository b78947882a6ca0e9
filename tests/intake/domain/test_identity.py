"""What is derived from the secrets: the same for the same input, and telling nothing without them."""

import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from intake.domain.identity import KEY, Identities, is_random

MADE_UP = st.one_of(
    st.text("ab1-", min_size=16, max_size=30),
    st.tuples(st.text("abcxyz0189-_~", min_size=1, max_size=3), st.integers(16, 80)).map(
        lambda p: (p[0] * p[1])[: p[1]]
    ),
    st.tuples(st.integers(33, 90), st.integers(16, 30), st.sampled_from([1, -1])).map(
        lambda p: "".join(chr(p[0] + (number if p[2] > 0 else p[1] - number)) for number in range(p[1]))
    ),
)


@given(st.randoms(use_true_random=True))
def test_a_random_key_is_taken(chance: Random) -> None:
    drawn = chance.randbytes(32)
    keys = (str(UUID(bytes=drawn[:16], version=4)), drawn.hex(), urlsafe_b64encode(drawn[:16]).rstrip(b"=").decode())
    assert [is_random(key.encode()) for key in keys] == [True] * 3


@given(MADE_UP)
def test_a_key_made_by_hand_is_not(key: str) -> None:
    assert not is_random(key.encode())


IDENTITIES, OTHERS = Identities(b"a" * 32, b"b" * 32), Identities(b"c" * 32, b"d" * 32)
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
keys = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=16, max_size=255).map(str.encode)
uses = st.tuples(keys, st.binary(max_size=200))
senders = st.ip_addresses().map(str)


@given(uses)
def test_the_same_key_and_body_make_the_same_report_and_receipt(use: tuple[bytes, bytes]) -> None:
    again = Identities(b"a" * 32, b"b" * 32)
    report_id = IDENTITIES.report_id(*use)
    assert report_id == again.report_id(*use)
    assert report_id.version == 4
    assert IDENTITIES.receipt(report_id) == again.receipt(report_id)


@given(uses, uses)
def test_another_key_or_another_body_make_another_report(one: tuple[bytes, bytes], other: tuple[bytes, bytes]) -> None:
    assert (IDENTITIES.report_id(*one) == IDENTITIES.report_id(*other)) == (one == other)


@given(uses)
def test_without_the_secrets_nobody_finds_the_report_or_the_receipt(use: tuple[bytes, bytes]) -> None:
    report_id = IDENTITIES.report_id(*use)
    assert report_id != OTHERS.report_id(*use)
    assert IDENTITIES.receipt(report_id) != OTHERS.receipt(report_id)


@given(st.uuids(), st.uuids())
def test_a_receipt_is_128_bits_and_opens_its_own_report_only(report_id, other) -> None:  # type: ignore[no-untyped-def]
    receipt = IDENTITIES.receipt(report_id)
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", receipt)
    assert IDENTITIES.owns(receipt, report_id)
    assert IDENTITIES.owns(receipt, other) == (other == report_id)
    assert not IDENTITIES.owns(receipt[:-1], report_id)
    assert not IDENTITIES.owns("zażółć", report_id)


@given(senders, senders, st.uuids(), st.uuids())
def test_a_supporter_is_recognised_on_one_report_only(one, other, report_id, elsewhere) -> None:  # type: ignore[no-untyped-def]
    supporter = IDENTITIES.supporter(one, report_id)
    assert re.fullmatch(r"[0-9a-f]{64}", supporter)
    assert one not in supporter
    assert (supporter == IDENTITIES.supporter(other, report_id)) == (one == other)
    assert (supporter == IDENTITIES.supporter(one, elsewhere)) == (report_id == elsewhere)


@given(senders, st.integers(0, 86_399))
def test_a_sender_is_counted_under_one_name_a_day_and_another_the_next(sender: str, second: int) -> None:
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    name = IDENTITIES.counter(sender, midnight, "hour")
    assert name == IDENTITIES.counter(sender, midnight + timedelta(seconds=second), "hour")
    assert name != IDENTITIES.counter(sender, midnight + timedelta(days=1), "hour")
    assert name != IDENTITIES.counter(sender, midnight, "day")
    assert sender not in name


@given(uses, uses)
def test_a_keys_use_goes_by_the_key_and_knows_the_body(one: tuple[bytes, bytes], other: tuple[bytes, bytes]) -> None:
    first, second = IDENTITIES.key_use(*one, AT), IDENTITIES.key_use(*other, AT)
    assert (first.name == second.name) == (one[0] == other[0])
    assert (first.body_sha256 == second.body_sha256) == (one[1] == other[1])
    assert one[0].decode() not in first.name


def test_a_key_is_16_to_255_visible_ascii_characters() -> None:
    assert all(KEY.fullmatch(key) for key in (b"x" * 16, b"x" * 255, b'"8e03978e-40d5-43dd-bc93-6894a57f9324"'))
    assert not any(KEY.fullmatch(key) for key in (b"", b"x" * 15, b"x" * 256, b"x" * 15 + b" ", b"x" * 16 + b"\n"))
