"""Where a position is in words, and who answers there: as routing finds it."""

from typing import Any

import pytest
from chassis.health import Health
from chassis.postgres import Database
from districts.index import index_of
from fastapi.testclient import TestClient
from public_map.api.application import create_api
from public_map.districts import Districts
from public_map.domain.reading.places import REGISTER, NamedPlace
from public_map.settings import Settings
from public_map.store.places.sources import insert_named_places
from support.districts import UNIT, UNIT_NAME, area, leaves, polygon, square

TOWN = area("R1", polygon(square(17.90, 50.60, 17.95, 50.70)))


@pytest.fixture
def locator(store: Database) -> TestClient:
    settings = Settings(kafka_bootstrap="localhost:1", postgres_dsn=store.dsn)
    districts = Districts(settings, Health())
    districts.index = index_of(leaves(TOWN), complete=True)
    return TestClient(create_api(store, settings, Health(), districts))


def know_opole(store: Database) -> None:
    opole = NamedPlace("city", "Opole", None, "Opole", "Opole", "opolskie", 17.925, 50.675, source=REGISTER)
    with store.transaction() as connection:
        insert_named_places(connection, [(1, opole)])


def located(locator: TestClient, longitude: float, latitude: float) -> dict[str, Any]:
    answer = locator.get("/v1/locate", params={"longitude": longitude, "latitude": latitude})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_position_is_said_in_words_with_the_unit_that_answers(store: Database, locator: TestClient) -> None:
    assert located(locator, 17.9213, 50.6683)["place"] is None
    know_opole(store)
    found = located(locator, 17.9213, 50.6683)
    assert found["outcome"] == "contains"
    assert (found["garrison"], found["unit"], found["unit_name"]) == ("OPO", UNIT, UNIT_NAME)
    assert (found["district"], found["district_name"]) == ("R1", "Gmina R1")
    place = found["place"]
    assert (place["name"], place["kind"], place["voivodeship"]) == ("Opole", "city", "opolskie")
    assert place["distance_m"] < 3000


def test_as_near_as_routing_takes_it_the_nearest_answers(locator: TestClient) -> None:
    metre = 1 / 70_600  # eastwards, at this latitude
    near, far = (located(locator, 17.95 + metres * metre, 50.65) for metres in (290, 310))
    assert (near["outcome"], near["unit"], near["nearest_m"]) == ("nearest", UNIT, None)
    assert (far["outcome"], far["unit"], far["unit_name"]) == ("outside", None, None)
    assert far["nearest_m"] == pytest.approx(310, abs=3)


def test_before_districts_are_known_nobody_is_said_to_answer(reader: TestClient) -> None:
    assert located(reader, 17.92, 50.67) == dict.fromkeys(
        ("place", "garrison", "unit", "unit_name", "district", "district_name", "nearest_m")
    ) | {"outcome": "no_boundaries"}


def test_a_position_nowhere_near_poland_has_no_place(store: Database, locator: TestClient) -> None:
    know_opole(store)
    for place in ((0.0, 0.0), (180.0, 90.0), (-180.0, -90.0), (13.0, 52.5)):
        found = located(locator, *place)
        assert (found["outcome"], found["place"], found["unit"]) == ("outside", None, None)
