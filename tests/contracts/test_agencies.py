"""The table of agencies: what reads as meant, and what is refused with the reason."""

from pathlib import Path

import pytest
from contracts.agencies import Agency, read_agencies
from support.agencies import AGENCIES

ROAD = '[[agency]]\ncode = "road-manager"\nname = "Zarządca drogi"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "agencies.toml"


def test_a_table_is_read_by_code_in_its_order(file: Path) -> None:
    file.write_text(ROAD + ROAD.replace("road-manager", "city-guard"), encoding="utf-8")
    found = read_agencies(file)
    assert list(found) == ["road-manager", "city-guard"]
    assert found["road-manager"] == Agency(code="road-manager", name="Zarządca drogi")


def test_the_table_a_system_is_put_up_with_has_the_agencies_the_catalogue_names() -> None:
    assert set(AGENCIES) == {"road-manager", "city-guard", "forest-guard", "railways", "social-care"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("agency", "after a key"),
        ("", "agency"),
        ("[[agencies]]\n", "agency|agencies"),
        (ROAD + ROAD, "road-manager stands there more than once"),
        (ROAD.replace("road-manager", "Road Manager"), "matching regex"),
        (ROAD.replace("Zarządca drogi", ""), "length"),
        (ROAD + 'topic = "x"\n', "topic"),
    ],
)
def test_a_table_that_is_wrong_is_refused_naming_what_is(file: Path, text: str, problem: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=problem):
        read_agencies(file)
