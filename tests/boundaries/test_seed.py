"""The default sets: whole chains of command over the whole country."""

import msgspec
import pytest
import shapely
from boundaries.areas import administrative, geo, units, warsaw
from boundaries.importing import checking, merging
from contracts.events.districts import District, Level
from support.boundaries import AT, SECOND, MemoryTopic

from boundaries import published, seed

VERSION = "2026-11-23T12.00.00Z-aaaa"


@pytest.mark.parametrize("garrison", units.garrisons())
def test_a_default_set_passes_every_check(garrison: str) -> None:
    districts = seed.default_districts(garrison, VERSION)
    verdict = checking.verdict(merging.Proposal(garrison, districts, frozenset()), districts, {})
    assert verdict.faults == []
    assert verdict.notes == []


def test_every_gmina_and_warsaw_district_is_a_leaf_once() -> None:
    leaves = [d.code for g in units.garrisons() for d in seed.default_districts(g, VERSION) if d.geometry is not None]
    city = {district.teryt for district in warsaw.districts()}
    assert sorted(leaves) == sorted((administrative.gminas().keys() - {warsaw.WARSAW}) | city)


def test_shape_of_a_set() -> None:
    districts = {d.code: d for d in seed.default_districts("OPO", VERSION)}
    assert districts["OPO"] == District(
        garrison="OPO",
        version=VERSION,
        code="OPO",
        level=Level.GARRISON,
        name="Komenda Wojewódzka Policji w Opolu",
        short_name="KWP Opole",
    )
    assert districts["KMP-1661"].parent == "OPO"
    assert districts["166101"].parent == "KMP-1661"
    # The powiat round the city answers to the city's unit, as it has none of its own.
    assert districts["160909"].parent == "KMP-1661"
    assert {d.level for d in districts.values()} == {Level.GARRISON, Level.UNIT, Level.AREA}
    for district in districts.values():
        assert msgspec.json.decode(msgspec.json.encode(district), type=District) == district


def test_rural_gminas_named_like_their_town_say_so() -> None:
    names = {d.code: d.name for d in seed.default_districts("KRA", VERSION)}
    assert (names["120101"], names["120102"]) == ("Bochnia", "gmina wiejska Bochnia")


def test_warsaw_is_approximate_and_exactly_filled() -> None:
    leaves = [d for d in seed.default_districts("KSP", VERSION) if d.approximate]
    assert len(leaves) == 18
    shapes = [geo.from_geojson(d.geometry or {}) for d in leaves]
    assert all(shape.is_valid for shape in shapes)
    city = geo.to_metres([administrative.gminas()[warsaw.WARSAW].geometry])[0]
    whole = geo.to_metres([geo.union(shapes)])[0]
    # Where a district's line meets the city's, rounding to a decimetre moves that point off the line.
    assert shapely.symmetric_difference(city, whole).area < 2_000


def test_warsaw_s_neighbourhoods_lie_in_their_district() -> None:
    shapes = {district.teryt: district.geometry for district in warsaw.districts()}
    for row in warsaw.centres():
        point = shapely.Point(float(row["longitude"]), float(row["latitude"]))
        assert shapes[row["code"]].covers(point), row


def test_seeding_fills_what_is_missing_and_no_more(seeded: MemoryTopic) -> None:
    before = published.read_published(seeded).sets
    done = seed.seed_missing(seeded, SECOND, AT)
    after = published.read_published(seeded)
    assert len(after.current()) == 17
    assert {announced.garrison for announced in done} == after.sets.keys() - before.keys()
    assert before.items() <= after.sets.items()
    assert seed.seed_missing(seeded, SECOND, AT) == []
