"""Finding places by what people type."""

from collections.abc import Iterator
from typing import Any

import pytest
from chassis.health import Health
from chassis.postgres import Database
from deploy.gazetteer import Address, import_addresses, import_places
from fastapi.testclient import TestClient
from public_map.api.application import create_api
from public_map.domain.reading.places import folded_words, place_query
from public_map.settings import Settings
from support.stack.databases import Templates

OPOLE = {"longitude": 17.92, "latitude": 50.67}
CRACOW = {"longitude": 19.94, "latitude": 50.06}


def houses() -> Iterator[Address]:
    """Two streets of one name in two towns, one that begins with a number, and a village without streets."""
    for town, powiat, east, north in [("Opole", "Opole", 17.925, 50.671), ("Kraków", "Kraków", 19.94, 50.06)]:
        for number in range(1, 30):
            place = (east + number / 10_000, north)
            yield Address("x", powiat, town, town, "Ogrodowa", str(number), *place)
            yield Address("x", powiat, town, town, "ul. 3 Maja", f"{number}A", *place)
    yield Address("opolskie", "opolski", "Dąbrowa", "Karczów", None, "12/14", 17.75, 50.66)


@pytest.fixture(scope="module")
def searcher(templates: Templates) -> Iterator[TestClient]:
    clone = templates.clone("public-map")
    assert import_places(clone.service) == 43_989
    assert import_places(clone.service) == 0
    assert import_addresses(clone.service, "one", houses(), print).addresses == 117
    store = Database(clone.service)
    settings = Settings(kafka_bootstrap="localhost:1", postgres_dsn=clone.service)
    yield TestClient(create_api(store, settings, Health()))
    store.close()
    templates.drop(clone)


def search(searcher: TestClient, q: str, **more: Any) -> list[dict[str, Any]]:
    answer = searcher.get("/v1/places", params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["places"]
    return found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Łódź", "Łódź"), ("lodz", "Łódź"), ("LODZ", "Łódź"), ("zakopa", "Zakopane"), ("bielsko b", "Bielsko-Biała"),
        ("gorzow wlkp", None), ("gorzow wielk", "Gorzów Wielkopolski"), ("zazolc gesla", None),
        ("warszawa", "Warszawa"),
        ("%_'\\", None), ("a", None), ("Варшава", None), ("nowy dwor maz", "Nowy Dwór Mazowiecki"),
    ],
)  # fmt: skip
def test_a_town_is_found_without_diacritics_by_the_beginnings_of_its_words(
    searcher: TestClient, typed: str, found: str | None
) -> None:
    places = search(searcher, typed)
    assert (places[0]["name"] if places else None) == found


def test_the_nearest_of_one_name_comes_first(searcher: TestClient) -> None:
    for here in (OPOLE, CRACOW):
        found = search(searcher, "nowa wies", **here, limit=20)
        exact = [place for place in found if place["name"] == "Nowa Wieś"]
        assert len(exact) == 20
        distances = [place["distance_m"] for place in exact]
        assert distances == sorted(distances)
        assert distances[0] < 40_000


def test_what_somebody_adds_says_which_is_meant(searcher: TestClient) -> None:
    [first, *_] = search(searcher, "nowa wies legionow", **OPOLE)
    assert (first["name"], first["powiat"]) == ("Nowa Wieś", "legionowski")


def test_streets_and_houses_are_found_where_somebody_is(searcher: TestClient) -> None:
    for here, town in ((OPOLE, "Opole"), (CRACOW, "Kraków")):
        [street, *_] = search(searcher, "ogrodowa", **here)
        assert (street["kind"], street["locality"]) == ("street", town)
        [house, *others] = search(searcher, "ul. Ogrodowa 12", **here)
        assert (house["kind"], house["name"], house["locality"]) == ("address", "Ogrodowa 12", town)
        assert {place["name"] for place in others[:1]} == {"Ogrodowa 12"}  # the other town's
    [house, *_] = search(searcher, "krakow 3 maja 7a", **OPOLE)
    assert (house["name"], house["locality"]) == ("ul. 3 Maja 7A", "Kraków")
    assert search(searcher, "3 maja", **OPOLE)[0]["kind"] == "street"
    [house, *_] = search(searcher, "karczow 12/14")
    assert (house["kind"], house["name"]) == ("address", "Karczów 12/14")
    assert [place["kind"] for place in search(searcher, "karczow")][0] == "village"
    assert "settlement" not in {place["kind"] for place in search(searcher, "karczow")}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"q": "opole", "longitude": 17}, "longitude"), ({"q": "opole", "limit": 0}, "limit"), ({}, "q"),
        ({"q": "x" * 201}, "q"), ({"q": "opole", "longitude": 181, "latitude": 0}, "longitude"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(searcher: TestClient, asked: dict[str, Any], field: str) -> None:
    answer = searcher.get("/v1/places", params=asked)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_words_are_folded() -> None:
    assert folded_words("Żółć, ul. Księcia Józefa-Poniatowskiego 12a") == [
        "zolc", "ul", "ksiecia", "jozefa", "poniatowskiego", "12a"
    ]  # fmt: skip
    query = place_query("Polna 12/14, Opole", None, 10)
    assert query
    assert (query.number, query.address_words) == ("12/14", ("polna", "opole"))
    query = place_query("11 Listopada", None, 10)
    assert query
    assert query.number is None
