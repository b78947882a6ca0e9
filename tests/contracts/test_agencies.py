"""Agencies: a table reads as meant or is refused with the reason; who is proposed for a place and a kind of threat."""

from pathlib import Path

import msgspec
import pytest
from contracts.agencies import Agencies, Agency, AgencyState, read_agencies
from support.agencies import AGENCIES
from support.events import SUBMITTED

ROAD = '[[agency]]\ncode = "road-manager"\nname = "Zarządca drogi"\n'
GUARD = Agency(
    code="guard", name="Straż Miejska w Opolu", categories=("parking",), areas=("1661",), changed_at=SUBMITTED
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "agencies.toml"


def test_a_table_is_read_by_code_in_its_order(file: Path) -> None:
    file.write_text(ROAD + ROAD.replace("road-manager", "city-guard") + 'areas = ["16"]\n', encoding="utf-8")
    found = read_agencies(file, SUBMITTED)
    assert list(found) == ["road-manager", "city-guard"]
    assert found["road-manager"] == Agency(code="road-manager", name="Zarządca drogi", changed_at=SUBMITTED)
    assert found["city-guard"].areas == ("16",)


def test_the_table_a_system_is_put_up_with_has_the_agencies_the_catalogue_names() -> None:
    assert set(AGENCIES) == {"road-manager", "city-guard", "forest-guard", "railways", "social-care"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("agency", "after a key"),
        ("", r"no \[\[agency\]\]"),
        ("agency = 7", r"no \[\[agency\]\]"),
        ("[[agencies]]\n", "agencies is no part"),
        (ROAD + ROAD, "road-manager stands there more than once"),
        (ROAD.replace("road-manager", "Road Manager"), r"agency 1 \(Road Manager\): .*matching regex"),
        (ROAD.replace("Zarządca drogi", ""), "agency 1 .*length"),
        (ROAD + 'topic = "x"\n', "agency 1 .*topic is no field"),
        (ROAD + 'state = "removed"\n', "state is no field"),
        (ROAD + 'areas = ["166"]\n', r"areas"),
        (ROAD + 'channel = "fax"\n', "fax"),
        (ROAD + "acknowledge_days = 0\n", "acknowledge_days"),
        (ROAD + 'name2 = "\\u2063"\n', "name2"),
        (ROAD.replace("Zarządca drogi", "\\u2063"), "name"),
    ],
)
def test_a_table_that_is_wrong_is_refused_naming_what_is(file: Path, text: str, problem: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=problem):
        read_agencies(file, SUBMITTED)


def replaced(code: str, **more: object) -> Agency:
    return msgspec.structs.replace(GUARD, code=code, **more)


def test_whom_it_concerns_most_closely_is_proposed_first() -> None:
    known = Agencies(
        [
            replaced("nation", areas=()),
            replaced("all-kinds", categories=()),
            replaced("elsewhere", areas=("24", "166102")),
            replaced("other-kind", categories=("speeding",)),
            replaced("gone", state=AgencyState.REMOVED),
            GUARD,
            replaced("voivodeship", areas=("24", "16")),
            replaced("gmina", areas=("166101",)),
        ]
    )
    nearest_first = ["gmina", "guard", "all-kinds", "voivodeship", "nation"]
    assert [agency.code for agency in known.proposed("parking", "166101")] == nearest_first
    assert [agency.code for agency in known.proposed("parking", None)] == ["nation"]
    assert [agency.code for agency in known.proposed("speeding", "2469")] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (" straż  MIEJSKA w opolu", "guard"),
        ("Guard", "guard"),
        ("Straż Miejska", None),
        ("twins", None),
        ("gone", None),
        ("", None),
    ],
)
def test_words_mean_the_one_agency_they_name(words: str, code: str | None) -> None:
    twins = [replaced(code, name="Twins") for code in ("one", "two")]
    known = Agencies([GUARD, *twins, replaced("gone", state=AgencyState.REMOVED)])
    found = known.named(words)
    assert (found.code if found else None) == code


def test_one_that_was_removed_keeps_its_name_and_is_handed_nothing() -> None:
    known = Agencies([GUARD])
    known.apply("guard", replaced("guard", state=AgencyState.REMOVED))
    assert (known.name("guard"), list(known), len(known), "guard" in known) == (GUARD.name, [], 0, False)
    known.apply("guard", GUARD)
    assert known["guard"] == GUARD
    known.apply("guard", None)
    assert (known.find("guard"), known.name("guard")) == (None, "guard")
