"""A text has one form; what hides something has none."""

import re
from functools import cache
from unicodedata import category, is_normalized

import pytest
import regex
from contracts.values.texts import (
    LINE_PATTERN,
    TEXT_PATTERN,
    hides_further,
    is_visible,
    length,
    one_form,
    one_form_within,
    one_line_within,
)
from hypothesis import given
from hypothesis import strategies as st

FAMILY = "👩\u200d👩\u200d👧"
ODD = st.sampled_from(
    [
        *"aż \t\n\r\u0301\u0307",
        "\u200b",
        "\u200d",
        "\u202e",
        "\u2028",
        "\u3164",
        "\ufeff",
        "\x85",
        FAMILY,
        "\u0344",
        "Å",
    ]
)
TEXTS = st.one_of(st.text(max_size=30), st.lists(ODD, max_size=12).map("".join))


@pytest.mark.parametrize(
    ("given_as", "form"),
    [
        ("  Zażółć \r\n gęślą\rjaźń\u2028 ", "Zażółć \n gęślą\njaźń"),
        ("z\u0307o\u0301łw", "żółw"),
        ("a\u200bb\u00adc\ufeff", "abc"),
        ("\u200ea\u200f", "a"),
        (FAMILY, FAMILY),
        ("\U0001f3f4\U000e0067\U000e007f", "\U0001f3f4"),
    ],
)
def test_a_text_has_one_form(given_as: str, form: str) -> None:
    assert one_form(given_as) == form


@pytest.mark.parametrize(
    "text", ["", " \n\t", "\u200b\u200b", "\u3164", "\u2800", "\ufeff", "\u200d", "\u0301", "\u00a0", "\u115f\u1160"]
)
def test_what_shows_nothing_is_nothing(text: str) -> None:
    assert one_form(text) == ""
    with pytest.raises(ValueError, match="nothing"):
        one_line_within(text, 10)


@pytest.mark.parametrize(
    "text", ["a\0", "\x1b[2J", "a\x7f", "a\x85b", "\x9b", "a\u202eb", "\u2066a", "\ud800", "\ufffe", "\ufdd0"]
)
def test_what_obeys_nobody_or_turns_what_is_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="control characters"):
        one_form(text)


def test_characters_are_counted_as_people_count_them() -> None:
    assert [length(text) for text in ("żółw", FAMILY, "🇵🇱🇵🇱", "\r\n", "x" * 7)] == [4, 2, 2, 1, 7]
    assert one_form_within("z\u0307" * 500, 500) == "ż" * 500
    with pytest.raises(ValueError, match="more than 2 characters"):
        one_form_within("abc", 2)
    with pytest.raises(ValueError, match="more than 100"):
        one_form_within("e" + "\u0301" * 401, 100)
    with pytest.raises(ValueError, match="one line"):
        one_line_within("a\nb", 10)


@cache
def having(properties: str) -> set[str]:
    """Every character with these properties, as a class of the library that knows them all."""
    return set(regex.findall(f"(?V1)[{properties}]", "".join(map(chr, range(0x110000)))))


IGNORABLE = r"\p{Default_Ignorable_Code_Point}"
NOTHING = IGNORABLE + (
    r"\p{Noncharacter_Code_Point}\p{Bidi_Control}\p{Cc}\p{Cs}[\p{Cf}--\p{Prepended_Concatenation_Mark}]"
)
BLANK = {"\U0001d159", "\u2800"}


# What people write with it: joiners of scripts and pictures, the picture form of a sign; and what is seen: Arabic signs
# of numbers, tab and line end.
SEEN = {"\u200c", "\u200d", "\t", "\n", *map(chr, range(0xFE00, 0xFE10))}


def test_whatever_unicode_says_shows_nothing_is_no_part_of_any_text() -> None:
    for character in (having(NOTHING) | BLANK) - SEEN:
        try:
            assert one_form(f"a{character}b") in ("ab", "a\nb"), hex(ord(character))
        except ValueError:
            assert category(character) in ("Cc", "Cf", "Cs", "Cn"), hex(ord(character))
        admitted = re.search(TEXT_PATTERN, character) is not None and not hides_further(character)
        assert not admitted or category(character) == "Cs", hex(ord(character))


def test_whatever_is_seen_stays() -> None:
    unseen = having(IGNORABLE) | BLANK | {"\u2028", "\u2029"}
    every = (chr(code) for code in range(0x110000))
    seen = [character for character in every if category(character)[0] in "LMNPSZ" and character not in unseen]
    lines = one_form("\n".join(f"a{character}b" for character in seen)).split("\n")
    assert [line for line in lines if line == "ab"] == []
    assert len(lines) == len(seen)


@pytest.mark.parametrize(
    "text",
    ["Zażółć gęślą jaźń", "Їжак ґрунт є", "👩‍👩‍👧", "❤️‍🔥", "🏳️‍🌈", "🇵🇱", "👍🏽", "1️⃣", "می‌خواهم", "𝄞 𐍈 𠮷", "٣", "क्‍ष"],
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert one_form(text) == text
    assert re.search(TEXT_PATTERN, text)
    assert not hides_further(text)


@given(TEXTS)
def test_the_one_form_is_normal_stays_and_is_admitted_by_events(text: str) -> None:
    try:
        form = one_form(text)
    except ValueError:
        assert any(category(character)[0] == "C" for character in text)
        return
    assert one_form(form) == form
    assert is_normalized("NFC", form)
    assert form == "" or is_visible(form)
    assert re.search(TEXT_PATTERN, form)
    assert not hides_further(form)
    assert bool(re.fullmatch(LINE_PATTERN, form)) == (not set("\t\n") & set(form))
