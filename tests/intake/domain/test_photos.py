"""Tokens: whoever was not given one can't make one, for another's photo or for their own."""

import base64
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from contracts.events.reports import PHOTO_WAITS
from intake.domain.photos import TOKEN_LENGTH, BadToken, PhotoTokens, kind_of, metres_between

TOKENS = PhotoTokens(b"s" * 32)
AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
NAME = TOKENS.name(b"a photo", b"u" * 32)


def test_a_token_names_the_photo_it_was_given_for() -> None:
    token = TOKENS.token(NAME, AT)
    assert len(token) == TOKEN_LENGTH
    assert TOKENS.named(token, AT) == NAME
    assert NAME.startswith(sha256(b"a photo").hexdigest())


def test_a_token_is_good_for_as_long_as_the_photo_is_kept() -> None:
    token = TOKENS.token(NAME, AT)
    assert TOKENS.named(token, AT + PHOTO_WAITS) == NAME
    with pytest.raises(BadToken, match="older than 24 hours"):
        TOKENS.named(token, AT + PHOTO_WAITS + timedelta(seconds=1))


def test_whatever_is_changed_in_a_token_makes_it_none() -> None:
    raw = base64.urlsafe_b64decode(TOKENS.token(NAME, AT) + "=")
    for position in range(len(raw)):
        changed = bytearray(raw)
        changed[position] ^= 1
        with pytest.raises(BadToken):
            TOKENS.named(base64.urlsafe_b64encode(changed).decode().rstrip("="), AT)


def test_who_knows_a_name_can_make_no_token_without_the_secret() -> None:
    with pytest.raises(BadToken):
        TOKENS.named(PhotoTokens(b"another secret" * 3).token(NAME, AT), AT)


def test_the_same_photo_of_two_senders_has_two_names() -> None:
    assert TOKENS.name(b"a photo", b"u" * 32) == NAME
    assert TOKENS.name(b"a photo", b"v" * 32) != NAME
    assert TOKENS.name(b"another", b"u" * 32) != NAME


@pytest.mark.parametrize(
    ("begins", "kind"),
    [
        (b"\xff\xd8\xff\xe0rest", "JPEG"),
        (b"\x89PNG\r\n\x1a\nrest", "PNG"),
        (b"RIFF\0\0\0\0WEBPrest", "WebP"),
        (b"RIFF\0\0\0\0WAVErest", None),
        (b"GIF89a", None),
        (b" \xff\xd8\xff", None),
        (b"", None),
    ],
)
def test_the_first_bytes_say_what_a_file_is(begins: bytes, kind: str | None) -> None:
    assert kind_of(begins) == kind


@pytest.mark.parametrize(
    ("other", "metres"),
    [
        ((21.0122, 52.2297), 0),
        ((21.0122, 52.2397), 1112),
        ((19.9450, 50.0647), 252_000),
        ((-158.9878, -52.2297), 20_015_087),
    ],
)
def test_metres_are_those_of_a_sphere(other: tuple[float, float], metres: float) -> None:
    assert metres_between((21.0122, 52.2297), other) == pytest.approx(metres, rel=0.005)
