"""When a set of districts is valid as a whole, and who answers under a code of it."""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from contracts.base import Owner
from contracts.events.districts import (
    HASHED,
    District,
    Level,
    SetFaultKind,
    district_set_sha256,
    owner_of,
    set_fault,
)
from support.districts import UNIT, UNIT_NAME, area, command, polygon, set_of, square

SQUARE = polygon(square(17.8, 50.6, 17.9, 50.7))
STATION = area("KP-1", None, level=Level.STATION, name="Komisariat")
BEAT = area("D-1", SQUARE, level=Level.BEAT, name="Rejon 1", parent="KP-1")
AREA = area("166102", SQUARE)
WHOLE = [*command(), STATION, BEAT, AREA]
ANNOUNCED = set_of(WHOLE)
BY_CODE = {district.code: district for district in WHOLE}


def having(code: str, **changed: Any) -> list[District]:
    return [msgspec.structs.replace(d, **changed) if d.code == code else d for d in WHOLE]


def test_a_whole_set_has_no_fault_in_any_order() -> None:
    assert set_fault(WHOLE, ANNOUNCED) is None
    assert set_fault(reversed(WHOLE), ANNOUNCED) is None


@pytest.mark.parametrize(
    ("districts", "kind", "words"),
    [
        (WHOLE[:-1], SetFaultKind.INCOMPLETE, "4 of 5 districts"),
        ([*WHOLE[:-1], WHOLE[0]], SetFaultKind.INCOMPLETE, "4 of 5 districts"),
        ([*WHOLE, area("166103", SQUARE)], SetFaultKind.INCOMPLETE, "6 of 5 districts"),
        (having("D-1", name="Rejon 2"), SetFaultKind.WRONG_HASH, "not those the hash"),
        (having("D-1", version="2"), SetFaultKind.UNSOUND, "OPO/2/D-1 is of another set"),
        (having("D-1", garrison="KRA"), SetFaultKind.UNSOUND, "KRA/1/D-1 is of another set"),
    ],
)
def test_districts_that_are_not_the_announced_ones(districts: list[District], kind: SetFaultKind, words: str) -> None:
    fault = set_fault(districts, ANNOUNCED)
    assert fault
    assert fault.kind is kind
    assert words in str(fault)


@pytest.mark.parametrize(
    ("code", "parent", "words"),
    [
        ("D-1", "KP-9", "D-1 has the parent KP-9, which is not in the set"),
        ("KP-1", "D-1", "own parent"),
        (UNIT, UNIT, "own parent"),
        ("KP-1", "OPO", "KP-1 lies in no unit"),
        ("D-1", None, "D-1 lies in no unit"),
    ],
)
def test_a_hierarchy_nobody_can_go_up(code: str, parent: str | None, words: str) -> None:
    wrong = having(code, parent=parent)
    fault = set_fault(wrong, set_of(wrong))
    assert fault
    assert fault.kind is SetFaultKind.UNSOUND
    assert words in str(fault)


@pytest.mark.parametrize(
    ("code", "more"),
    [
        (UNIT, {}),
        ("KP-1", {"station": "KP-1"}),
        ("D-1", {"station": "KP-1", "beat": "D-1", "district": "D-1"}),
        ("166102", {"district": "166102"}),
    ],
)
def test_the_owner_is_read_off_the_hierarchy(code: str, more: dict[str, str]) -> None:
    assert owner_of(BY_CODE, code) == Owner(garrison="OPO", unit=UNIT, unit_name=UNIT_NAME, **more)


@pytest.mark.parametrize("code", ["OPO", "KGP", "nobody"])
def test_a_garrison_and_an_unknown_code_have_no_owner(code: str) -> None:
    assert owner_of(BY_CODE, code) is None


class GrownDistrict(District, frozen=True, kw_only=True):
    """A district of the next release."""

    population: int = 0


def test_the_hash_stays_the_same_when_districts_grow() -> None:
    grown = [GrownDistrict(**msgspec.structs.asdict(district), population=7) for district in WHOLE]
    assert district_set_sha256(grown) == ANNOUNCED.sha256
    assert set(HASHED) <= set(District.__struct_fields__)


def test_the_hash_is_over_sorted_lines_that_any_language_can_write() -> None:
    encode: Callable[[Any], bytes] = msgspec.json.Encoder(order="sorted").encode
    assert district_set_sha256([AREA]) == hashlib.sha256(encode(AREA) + b"\n").hexdigest()
