"""A file that contradicts where its codes are known to lie, or takes ground away, is refused unless that is meant."""

from pathlib import Path
from typing import Any

import pytest
from boundaries.areas import geo
from boundaries.areas.administrative import gminas, powiats
from boundaries.importing.document import Refused
from boundaries.importing.plan import ImportRequest, import_plan, publish
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.affinity import translate
from support.boundaries import AT, SECOND, MemoryTopic, WriteFile, feature, square

from boundaries import published

OPOLE = "KMP-1661"
BRZEG = [code for code in gminas() if code.startswith("1601")]


def lines(topic: MemoryTopic, path: Path, version: str = SECOND, **options: Any) -> list[str]:
    """What is said of a file that is taken."""
    return import_plan(ImportRequest(path, **options), published.read_published(topic), version).lines


def faults(topic: MemoryTopic, path: Path, **options: Any) -> list[str]:
    """Why a file is refused."""
    with pytest.raises(Refused) as refused:
        lines(topic, path, **options)
    return refused.value.faults


def gmina(code: str) -> dict[str, Any]:
    return geo.as_geojson(gminas()[code].geometry)


def test_a_file_of_one_gmina_does_not_drop_the_powiat_s_others(seeded: MemoryTopic, write: WriteFile) -> None:
    path = write(feature("160101", gmina("160101"), name="Brzeg"))
    [fault] = faults(seeded, path, level="gmina")
    whole = geo.to_metres([powiats()["1601"].geometry])[0].area / 1e6
    kept = geo.to_metres([gminas()["160101"].geometry])[0].area / 1e6
    assert fault.startswith(f"KPP-1601: would lose {whole - kept:,.1f} km2 of its {whole:,.1f}, "), fault
    assert "km2 to nobody; left out: 160102, 160103, 160104, 160105, 160106" in fault
    assert fault.endswith("(--allow-losses if it is meant)")
    assert lines(seeded, path, level="gmina", allow_losses=True)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(left_out=st.sets(st.sampled_from(BRZEG), max_size=len(BRZEG) - 1))
def test_whatever_is_left_out_is_named(seeded: MemoryTopic, write: WriteFile, left_out: set[str]) -> None:
    path = write(*(feature(code, gmina(code)) for code in BRZEG if code not in left_out))
    if not left_out:
        assert lines(seeded, path, level="gmina")
        return
    [fault] = faults(seeded, path, level="gmina")
    assert f"left out: {', '.join(sorted(left_out))} (" in fault


def test_codes_as_numbers_plan_no_ground_away(seeded: MemoryTopic, write: WriteFile) -> None:
    # Gminas of powiat 0220 as a spreadsheet leaves them: 0220011 becomes 220011, which powiat 2200 would be.
    codes = [code for code in gminas() if code.startswith("0220")]
    assert codes
    numbers = write(*(feature(None, gmina(code), teryt=int(f"{code}2")) for code in codes))
    found = faults(seeded, numbers, level="gmina")
    assert len(found) == len(codes)
    assert all("is a number" in fault and f'"{codes[0][:4]}' in found[0] for fault in found)
    shortened = write(*(feature(f"{int(code)}2", gmina(code)) for code in codes))
    assert faults(seeded, shortened, level="gmina")


@pytest.mark.parametrize(
    ("codes", "level", "words"),
    [
        (("20101",), "gmina", "20101: no TERYT code of a gmina"),
        (("1601017",), "gmina", "1601017: no TERYT code of a gmina"),
        (("16010111",), "gmina", "16010111: no TERYT code of a gmina"),
        (("160101",), "powiat", "160101: no TERYT code of a powiat"),
        (("201",), "powiat", "201: no TERYT code of a powiat"),
        (("1601011", "1601022", "160103"), "gmina", "160103: 6 digits, codes of other gminas in the file have"),
    ],
)
def test_codes_of_another_length_are_refused(
    seeded: MemoryTopic, write: WriteFile, codes: tuple[str, ...], level: str, words: str
) -> None:
    found = faults(seeded, write(*(feature(code, gmina(f"16010{n}")) for n, code in enumerate(codes, 1))), level=level)
    assert any(fault.startswith(words) for fault in found), found


def test_a_code_that_lies_where_another_does_is_refused(seeded: MemoryTopic, write: WriteFile) -> None:
    exchanged = {"160101": "160102", "160102": "160101"}
    path = write(*(feature(code, gmina(exchanged.get(code, code))) for code in BRZEG))
    found = faults(seeded, path, level="gmina")
    assert [fault[:6] for fault in found] == ["160101", "160102"]
    assert all("0% of it lies where 16010" in fault and "is known to lie" in fault for fault in found), found
    assert all("km away" in fault and "(--allow-moves if it is meant)" in fault for fault in found)
    assert lines(seeded, path, level="gmina", allow_moves=True)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(BRZEG))
def test_whoever_exchanges_codes_is_named(seeded: MemoryTopic, write: WriteFile, order: list[str]) -> None:
    path = write(*(feature(code, gmina(place)) for code, place in zip(BRZEG, order, strict=True)))
    exchanged = [code for code, place in zip(BRZEG, order, strict=True) if code != place]
    if exchanged:
        assert [fault[:6] for fault in faults(seeded, path, level="gmina")] == exchanged
    else:
        assert lines(seeded, path, level="gmina")


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(east=st.sampled_from([-0.05, -0.02, 0.02, 3.0]), north=st.sampled_from([-0.03, 0.0, 0.02]))
def test_a_file_that_is_shifted_is_refused(seeded: MemoryTopic, write: WriteFile, east: float, north: float) -> None:
    shapes = {code: translate(gminas()[code].geometry, east, north) for code in BRZEG}
    assert faults(seeded, write(*(feature(c, geo.as_geojson(s)) for c, s in shapes.items())), level="gmina")


def test_a_gmina_nobody_knows_lies_in_its_powiat(seeded: MemoryTopic, write: WriteFile) -> None:
    stranger = feature("160199", gmina("160201"))
    found = faults(seeded, write(stranger, *(feature(code, gmina(code)) for code in BRZEG)), level="gmina")
    assert any(fault.startswith("160199 (160199): 0% of it lies") for fault in found), found


def test_beats_lie_on_their_unit_s_ground(seeded: MemoryTopic, write: WriteFile) -> None:
    # In the unit's name, but on the ground of another garrison.
    path = write(feature("OPO-1", square(17.0, 51.1), parent=OPOLE))
    found = faults(seeded, path, allow_losses=True)
    assert any(fault.startswith("OPO-1 (OPO-1): 0% of it lies on the ground of KMP-1661") for fault in found), found
    taken = faults(seeded, path, allow_moves=True)
    assert any(fault.startswith("WRO: 3.1 km2 of its ground would be claimed by OPO too; of 026401") for fault in taken)


def test_beats_that_exchange_their_codes_are_noticed(seeded: MemoryTopic, write: WriteFile) -> None:
    west, east = square(17.90, 50.66), square(17.93, 50.66)
    first = write(feature("OPO-1", west, parent=OPOLE), feature("OPO-2", east, parent=OPOLE))
    request = ImportRequest(first, allow_losses=True)
    publish(seeded, import_plan(request, published.read_published(seeded), SECOND), AT, AT)
    exchanged = write(feature("OPO-1", east, parent=OPOLE), feature("OPO-2", west, parent=OPOLE))
    found = faults(seeded, exchanged, version="2026-11-25T00.00.00Z-cccc")
    assert [fault.partition(" ")[0] for fault in found] == ["OPO-1", "OPO-2"]
    # One that was split, or that grew, lies where it did.
    wider = write(feature("OPO-1", square(17.90, 50.66, 0.028), parent=OPOLE), feature("OPO-2", east, parent=OPOLE))
    assert lines(seeded, wider, "2026-11-25T00.00.00Z-cccc", allow_losses=True)


def test_borders_drawn_a_little_otherwise_take_nothing_away(seeded: MemoryTopic, write: WriteFile) -> None:
    path = write(*(feature(code, geo.as_geojson(gminas()[code].geometry.simplify(0.0005))) for code in BRZEG))
    assert lines(seeded, path, level="gmina", tolerance_m2=1e6)


def test_a_station_belongs_to_a_unit(seeded: MemoryTopic, write: WriteFile) -> None:
    path = write(
        feature("S-1", None, level="station", parent=OPOLE),
        feature("S-2", None, level="station", parent="S-1"),
        feature("B-1", square(17.90, 50.66), parent="S-2"),
    )
    assert "S-2: a station belongs to a unit, S-1 is none" in faults(seeded, path, allow_losses=True)
