"""Case numbers and their check character."""

from datetime import UTC, datetime

from casework.domain.case_number import case_number, check_character, is_mistyped, year_of
from hypothesis import given
from hypothesis import strategies as st


@given(st.sampled_from(["OPO", "KSP", "KGP"]), st.integers(2026, 2125), st.integers(1, 9_999_999), st.data())
def test_one_mistyped_character_of_a_case_number_is_always_found(
    garrison: str, year: int, sequence: int, data: st.DataObject
) -> None:
    number = case_number(garrison, year, sequence)
    assert not is_mistyped(number)
    assert not is_mistyped(number.lower())
    positions = [index for index, character in enumerate(number) if character.isdigit() and index < len(number) - 2]
    index = data.draw(st.sampled_from(positions))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[index]]))
    assert is_mistyped(number[:index] + other + number[index + 1 :])


def test_the_check_character_is_that_of_the_standard() -> None:
    # ISO 7064 MOD 37,36: the standard's own example, also that of the Global Release Identifier.
    assert check_character("A12425GABC1234002") == "M"
    assert case_number("OPO", 2026, 4123).startswith("OPO-26-004123-")


def test_a_report_is_numbered_in_the_year_it_is_in_poland() -> None:
    assert year_of(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == 2027
