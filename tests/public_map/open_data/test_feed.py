"""The feed, as a feed reader reads it."""

from typing import Any

import feedparser
import pytest
from fastapi.testclient import TestClient
from support.districts import UNIT_NAME
from support.public_map.public_lives import Life


def read(open_data: TestClient, asked: str = "") -> Any:
    answer = open_data.get(f"/v1/feeds/reports.atom{asked}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.content)
    assert not found.bozo, found.bozo_exception
    assert found.version == "atom10"
    return found


def test_a_reader_sees_the_newest_changes_with_their_places(open_data: TestClient, lives: list[Life]) -> None:
    found = read(open_data, "?unit=KMP-1661")
    assert found.feed.id == "https://mapa.example.org/v1/feeds/reports.atom?unit=KMP-1661"
    assert found.feed.language == "en"
    ids = [entry.id for entry in found.entries]
    assert ids == [f"urn:uuid:{life.id}" for life in sorted(lives, key=newest_first, reverse=True)]
    entry, life = found.entries[0], lives[-1]
    feature = open_data.get(f"/ogc/collections/reports/items/{life.id}?language=en").json()
    assert entry.where == {"type": "Point", "coordinates": tuple(feature["geometry"]["coordinates"])}
    assert entry.title == f"{feature['properties']['category_name']}: {feature['properties']['status_name']}"
    assert UNIT_NAME in entry.summary
    assert entry.updated == feature["properties"]["changed_at"]
    assert entry.published == feature["properties"]["submitted_at"]
    assert f"report={life.id}" in entry.link
    assert entry.tags[0].term == life.category


def newest_first(life: Life) -> Any:
    return life.at.replace(minute=0, second=0, microsecond=0), life.id


@pytest.mark.parametrize(
    ("asked", "categories"),
    [("?powiat=1661", {"begging"}), ("?powiat=1609", {"parking"}), ("?category=parking", {"parking"})],
)
def test_there_is_one_of_each_powiat_and_category(
    open_data: TestClient, lives: list[Life], asked: str, categories: set[str]
) -> None:
    assert {entry.tags[0].term for entry in read(open_data, asked).entries} == categories


def test_an_empty_one_is_one(open_data: TestClient) -> None:
    assert read(open_data).entries == []
