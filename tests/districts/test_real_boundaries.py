"""The districts a new system starts with, looked up at places everybody can check on a map."""

from datetime import UTC, datetime

import pytest
from boundaries.areas import units
from contracts.events.routing import Method, Reason
from districts.index import Found, Index, NotFound, index_of, locate
from districts.sets import DistrictSets, SetState
from routing.settings import Settings
from support.districts import set_of

from boundaries import seed

NEAREST_M = Settings(kafka_bootstrap="nowhere:1").nearest_m


@pytest.fixture(scope="module")
def country() -> Index:
    """All garrisons as they are seeded."""
    sets = DistrictSets()
    for garrison in units.garrisons():
        districts = seed.default_districts(garrison, "1")
        for event in [*districts, set_of(districts)]:
            sets.apply(event.key, event)
    sets.update_current(datetime(2026, 11, 23, tzinfo=UTC))
    assert {newest.state for newest in sets.newest.values()} == {SetState.CURRENT}
    assert len(sets.current) == Settings(kafka_bootstrap="nowhere:1").garrisons
    leaves = (leaf for current in sets.current.values() for leaf in current.leaves)
    return index_of(leaves, complete=not sets.garrisons_without_set)


@pytest.mark.parametrize(
    ("place", "longitude", "latitude", "garrison", "unit"),
    [
        ("Opole, the market square", 17.9213, 50.6683, "OPO", "KMP-1661"),
        ("Warsaw, the castle square", 21.0137, 52.2474, "KSP", "KRP-1"),
        ("Otwock, county of Warsaw's own garrison", 21.2616, 52.1057, "KSP", "KPP-1417"),
        ("Radom, in another garrison of the same voivodeship", 21.1471, 51.4027, "RAD", "KMP-1463"),
        ("Hel, at the end of the peninsula", 18.8010, 54.6081, "GDA", "KPP-2211"),
        ("Zgorzelec, opposite Görlitz", 15.0070, 51.1500, "WRO", "KPP-0225"),
        ("Słubice, opposite Frankfurt", 14.5600, 52.3500, "GOR", "KPP-0805"),
    ],
)
def test_a_known_place_belongs_to_its_unit(
    country: Index, place: str, longitude: float, latitude: float, garrison: str, unit: str
) -> None:
    answer = locate(country, longitude, latitude, NEAREST_M)
    assert isinstance(answer, Found), place
    assert answer.method is Method.CONTAINS
    assert (answer.leaf.owner.garrison, answer.leaf.owner.unit) == (garrison, unit)


@pytest.mark.parametrize(
    ("place", "longitude", "latitude"),
    [
        ("Görlitz, the town hall", 14.9880, 51.1560),
        ("Frankfurt, the town hall", 14.5510, 52.3440),
        ("the middle of the bay of Gdańsk", 19.0, 54.55),
        ("Ostrava", 18.2820, 49.8350),
        ("Kaliningrad", 20.51, 54.71),
        ("Lviv", 24.03, 49.84),
    ],
)
def test_a_place_abroad_or_at_sea_is_unroutable(country: Index, place: str, longitude: float, latitude: float) -> None:
    answer = locate(country, longitude, latitude, NEAREST_M)
    assert isinstance(answer, NotFound), place
    assert answer.reason is Reason.OUTSIDE
    assert answer.nearest is not None
