"""The built areas: how many, how whole, with which codes."""

import re

import pytest
import shapely
from boundaries.areas import administrative, geo, places
from boundaries.build import naming

LEVELS = {
    "gminas": (administrative.gminas, 2477, 6),
    "powiats": (administrative.powiats, 380, 4),
    "voivodeships": (administrative.voivodeships, 16, 2),
}


@pytest.mark.parametrize("level", LEVELS)
def test_counts_codes_and_validity(level: str) -> None:
    read, count, digits = LEVELS[level]
    found = read()
    assert len(found) == count
    assert all(re.fullmatch(rf"\d{{{digits}}}", code) for code in found)
    assert all(area.geometry.is_valid and not area.geometry.is_empty for area in found.values())
    assert all(area.name for area in found.values())


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_covers_the_country_without_gap_or_overlap(level: str) -> None:
    read, _, _ = LEVELS[level]
    shapes = [area.geometry for area in read().values()]
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.coverage_union_all(shapes)
    assert not [ring for part in getattr(whole, "geoms", [whole]) for ring in part.interiors]
    land_km2 = geo.to_metres([whole])[0].area / 1e6
    # The country's area by the register is 312,7xx km2; the simplified coast and lagoons make the difference.
    assert land_km2 == pytest.approx(312_000, rel=0.01)


def test_levels_agree() -> None:
    powiats, voivodeships = administrative.powiats(), administrative.voivodeships()
    assert {code[:4] for code in administrative.gminas()} == set(powiats)
    assert {code[:2] for code in powiats} == set(voivodeships) == set(naming.VOIVODESHIPS)
    people = sum(gmina.population for gmina in administrative.gminas().values())
    assert people == sum(powiat.population for powiat in powiats.values())
    assert people == pytest.approx(38_400_000, rel=0.01)


@pytest.mark.parametrize(
    ("code", "name"),
    [("221208", "Redzikowo"), ("260417", "Nowiny"), ("281205", "Bratian"), ("041705", "Ryńsk"), ("321410", "Stargard")],
)
def test_names_are_those_of_today(code: str, name: str) -> None:
    assert administrative.gminas()[code].name == name
    assert administrative.powiats()["0206"].name == "karkonoski"
    assert naming.OSTROWICE not in administrative.gminas()


def test_places_lie_in_every_gmina_and_weigh_its_people() -> None:
    known = places.list_places()
    assert len(known) > 43_000
    assert {place.gmina for place in known} == set(administrative.gminas())
    assert {place.powiat for place in known} == set(administrative.powiats())
    weight = sum(place.people for place in known)
    assert weight == pytest.approx(38_400_000, rel=0.01)
