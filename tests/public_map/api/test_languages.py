"""Which language an answer is in."""

from chassis import clock
from chassis.postgres import Database
from contracts.events.cases import CaseOpened
from contracts.policy.categories import category
from fastapi.testclient import TestClient
from support.public_map.public_lives import DAY, Life, feed

MAP = "/v1/reports.geojson"


def test_words_are_polish_unless_another_language_is_wanted(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - DAY)
    feed(store, [life.submitted(), life.change(CaseOpened)])
    german = category("parking")
    assert german
    for headers, query, name in [
        ({}, "", "Nieprawidłowe parkowanie"),
        ({"Accept-Language": "en-GB,en;q=0.9,pl;q=0.5"}, "", "Improper parking"),
        ({"Accept-Language": "fr, pl;q=0.8, en;q=0.7"}, "", "Nieprawidłowe parkowanie"),
        ({"Accept-Language": "en;q=0, *;q=x"}, "", "Nieprawidłowe parkowanie"),
        ({"Accept-Language": "en"}, "?language=pl", "Nieprawidłowe parkowanie"),
        ({}, "?language=en", "Improper parking"),
        ({"Accept-Language": "pl"}, "?language=de", german.name("de")),
    ]:
        feature = reader.get(MAP + query, headers=headers).json()["features"][0]
        assert feature["properties"]["category_name"] == name
        assert reader.get(f"/v1/receipts/{life.receipt}{query}", headers=headers).json()["category_name"] == name
