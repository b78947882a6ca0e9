"""OGC API - Features, requirement by requirement, and as a library of others reads it."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from public_map.api.open_data.files import PART
from support.public_map.public_lives import Life

ITEMS = "/ogc/collections/reports/items"
CONFORMS = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"


def links(document: dict[str, Any], rel: str) -> list[dict[str, str]]:
    return [link for link in document["links"] if link["rel"] == rel]


def path(href: str) -> str:
    assert href.startswith("https://mapa.example.org/")
    return href.removeprefix("https://mapa.example.org")


def ids(document: dict[str, Any]) -> list[str]:
    return [feature["id"] for feature in document["features"]]


def test_the_landing_page_leads_everywhere(open_data: TestClient) -> None:
    landing = open_data.get("/ogc")
    assert landing.status_code == 200
    for rel in ("service-desc", "service-doc", "conformance", "data"):
        for link in links(landing.json(), rel):
            answer = open_data.get(path(link["href"]))
            assert answer.status_code == 200
            kind = answer.headers["content-type"].partition(";")[0]
            assert kind in (link["type"], "application/json")


def test_what_is_conformed_to_is_said(open_data: TestClient) -> None:
    declared = open_data.get("/ogc/conformance").json()["conformsTo"]
    assert declared == [f"{CONFORMS}/core", f"{CONFORMS}/geojson"]


def test_the_collection_is_described_where_its_links_say(open_data: TestClient) -> None:
    document = open_data.get("/ogc/collections").json()
    [collection] = document["collections"]
    [self_link] = links(collection, "self")
    assert open_data.get(path(self_link["href"])).json() == collection
    [items] = links(collection, "items")
    assert (path(items["href"]), items["type"]) == (ITEMS, "application/geo+json")
    [[west, south, east, north]] = collection["extent"]["spatial"]["bbox"]
    assert west < east
    assert south < north
    assert collection["extent"]["temporal"]["interval"] == [["2016-09-14T00:00:00Z", None]]
    assert open_data.get("/ogc/collections/others").status_code == 404


def test_items_are_a_geojson_collection(open_data: TestClient, lives: list[Life]) -> None:
    answer = open_data.get(ITEMS)
    assert answer.headers["content-type"] == "application/geo+json"
    document = answer.json()
    assert (document["type"], document["numberReturned"]) == ("FeatureCollection", len(lives))
    assert [path(link["href"]) for link in links(document, "self")] == [ITEMS]
    assert links(document, "next") == []
    one = open_data.get(f"{ITEMS}/{lives[0].id}")
    assert one.headers["content-type"] == "application/geo+json"
    said = one.json()
    assert [path(link["href"]) for link in links(said, "collection")] == ["/ogc/collections/reports"]
    del said["links"]
    assert said in document["features"]
    assert open_data.get(f"{ITEMS}/nothing").status_code == 404


def test_pages_lead_through_all_items_once(open_data: TestClient, lives: list[Life]) -> None:
    found, at = [], f"{ITEMS}?limit=7&status=new,confirmed"
    while at:
        document = open_data.get(at).json()
        assert document["numberReturned"] == len(document["features"]) <= 7
        found += ids(document)
        at = next((path(link["href"]) for link in links(document, "next")), "")
    assert found == sorted(str(life.id) for life in lives)


def test_a_limit_beyond_the_most_is_the_most(open_data: TestClient, lives: list[Life]) -> None:
    assert len(ids(open_data.get(f"{ITEMS}?limit={PART * 10}").json())) == len(lives)


@pytest.mark.parametrize(
    ("bbox", "categories"),
    [
        ("17.91,50.6,17.95,50.7", {"begging"}),
        ("17.91,50.6,-100,17.95,50.7,1000", {"begging"}),
        ("170,50.6,17.95,50.7", {"begging"}),
        ("18.0,-90,-170,90", {"parking"}),
        ("-180,-90,180,90", {"begging", "parking"}),
        ("0,0,1,1", set()),
    ],
)
def test_a_box_holds_what_lies_in_it(open_data: TestClient, lives: list[Life], bbox: str, categories: set[str]) -> None:
    features = open_data.get(f"{ITEMS}?bbox={bbox}").json()["features"]
    assert {feature["properties"]["category"] for feature in features} == categories


def test_a_time_is_when_reports_were_sent(open_data: TestClient, lives: list[Life]) -> None:
    at = [life.sent_at.strftime("%Y-%m-%dT%H:00:00Z") for life in lives]

    def found(datetime: str) -> int:
        return len(ids(open_data.get(ITEMS, params={"datetime": datetime}).json()))

    assert found(at[3]) == 1
    assert found(f"{at[3]}/{at[5]}") == 3
    assert found(f"{at[3]}/..") == found(f"{at[3]}/") == len(lives) - 3
    assert found(f"../{at[3]}") == found(f"/{at[3]}") == 4
    assert found("../..") == len(lives)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("nothing=1", "nothing"),
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=1,60,2,50", "bbox"),
        ("datetime=yesterday", "datetime"),
        ("datetime=..", "datetime"),
        ("datetime=2026-02-01T00:00:00Z/2026-01-01T00:00:00Z", "datetime"),
        ("next=x", "next"),
        ("status=solved", "status"),
    ],
)
def test_what_makes_no_sense_is_400(open_data: TestClient, asked: str, named: str) -> None:
    answer = open_data.get(f"{ITEMS}?{asked}")
    assert answer.status_code == 400
    assert answer.json()["status"] == 400
    assert answer.json()["errors"][0]["field"] == named
