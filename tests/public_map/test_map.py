"""What readers of the map get over HTTP, from a real database."""

import json
from itertools import pairwise
from typing import Any

from chassis import clock
from chassis.postgres import Database
from contracts.cases import (
    CaseConfirmed,
    CaseEliminated,
    CaseOpened,
    CaseTakenUp,
    CaseUnconfirmed,
)
from contracts.statuses import LABELS
from fastapi.testclient import TestClient
from support.public_lives import DAY, PLACE, Life, feed, many_lives

MAP = "/v1/reports.geojson"


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def life_at(number: int, longitude: float, latitude: float, category: str = "parking") -> Life:
    life = Life(number, clock.now() - DAY, category)
    life.place = (longitude, latitude)
    return life


def test_the_map_is_valid_geojson(known: Database, reader: TestClient) -> None:
    feed(known, [event for life in many_lives(clock.now()) for event in life])
    answer = reader.get(MAP)
    assert answer.headers["content-type"] == "application/geo+json"
    collection = answer.json()
    assert collection["type"] == "FeatureCollection"
    assert collection["next"] is None
    assert len(collection["features"]) == 27
    for feature in collection["features"]:
        assert set(feature) == {"type", "id", "geometry", "properties"}
        assert feature["type"] == "Feature"
        assert feature["geometry"]["type"] == "Point"
        longitude, latitude = feature["geometry"]["coordinates"]
        assert 14 < longitude < 25 < 49 < latitude < 55
        properties = feature["properties"]
        assert properties["report_id"] == feature["id"]
        assert properties["submitted_at"].endswith(":00:00Z")
        assert properties["changed_at"].endswith(":00:00Z")
        assert properties["status_name"] in {label["pl"] for label in LABELS.values()}


def test_filters_choose_by_box_category_status_and_hour(known: Database, reader: TestClient) -> None:
    opole, gdansk = life_at(1, 17.92, 50.67), life_at(2, 18.65, 54.35, "speeding")
    feed(known, [opole.change(CaseOpened), gdansk.change(CaseOpened), gdansk.change(CaseTakenUp, at=clock.now())])
    both = sorted([str(opole.id), str(gdansk.id)])
    this_hour = clock.now().replace(minute=59).isoformat()
    for query, expected in [
        ({}, both),
        ({"bbox": "17,50,18,51"}, [str(opole.id)]),
        ({"bbox": "14,49,24.2,55"}, both),
        ({"bbox": "0,0,1,1"}, []),
        ({"category": "speeding"}, [str(gdansk.id)]),
        ({"category": "speeding,parking"}, both),
        ({"category": ["speeding", "parking"]}, both),
        ({"category": "drug-use"}, []),
        ({"status": "new"}, [str(opole.id)]),
        ({"status": "new,verification", "category": "speeding"}, [str(gdansk.id)]),
        ({"since": this_hour}, [str(gdansk.id)]),
        ({"since": (clock.now() - 3 * DAY).isoformat()}, both),
    ]:
        params: Any = query
        assert ids(reader.get(MAP, params=params)) == expected, query


WRONG = {
    "bbox=1,2,3": "bbox",
    "bbox=": "bbox",
    "bbox=a,b,c,d": "bbox",
    "bbox=20,50,19,51": "bbox",
    "bbox=nan,50,19,51": "bbox",
    "bbox=-inf,50,19,51": "bbox",
    "bbox=10,50,190,51": "bbox",
    "category=jaywalking": "category",
    "status=gone": "status",
    "status=new,NEW": "status",
    "since=yesterday": "since",
    "since=2026-11-23T10:00:00": "since",
    "limit=0": "limit",
    "limit=2001": "limit",
    "next=%00": "next",
    "next=abc": "next",
    "language=de": "language",
}
WRONG_NEARBY = {
    "category=parking&longitude=17.9&latitude=91": "latitude",
    "category=parking&longitude=nan&latitude=50": "longitude",
    "category=parking&longitude=17.9": "latitude",
    "category=chess&longitude=17.9&latitude=50": "category",
}


def test_a_parameter_that_makes_no_sense_is_named(reader: TestClient) -> None:
    questions = [(MAP, query, field) for query, field in WRONG.items()]
    questions += [("/v1/reports/nearby", query, field) for query, field in WRONG_NEARBY.items()]
    for path, query, field in questions:
        answer = reader.get(f"{path}?{query}")
        assert answer.status_code == 422, query
        assert answer.headers["content-type"] == "application/problem+json"
        assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_pages_lose_and_repeat_nothing_while_reports_come_and_change(known: Database, reader: TestClient) -> None:
    lives = [Life(number, clock.now() - DAY) for number in range(1, 26)]
    feed(known, [life.change(CaseOpened) for life in lives])
    seen: list[str] = []
    following = None
    while True:
        answer = reader.get(MAP, params={"limit": 7, **({"next": following} if following else {})})
        seen += ids(answer)
        following = answer.json()["next"]
        feed(known, [lives[len(seen) % 25].change(CaseTakenUp)])
        if following is None:
            break
    assert seen == sorted(str(life.id) for life in lives)
    assert all(one < other for one, other in pairwise(seen))


def test_an_unchanged_map_is_not_sent_again(known: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - DAY)
    feed(known, [life.change(CaseOpened)])
    first = reader.get(MAP)
    assert "max-age" in first.headers["cache-control"]
    again = reader.get(MAP, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    feed(known, [life.change(CaseTakenUp)])
    assert reader.get(MAP, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_words_are_polish_unless_english_is_wanted(known: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - DAY)
    feed(known, [life.submitted(), life.change(CaseOpened)])
    for headers, query, name in [
        ({}, "", "Nieprawidłowe parkowanie"),
        ({"Accept-Language": "en-GB,en;q=0.9,pl;q=0.5"}, "", "Improper parking"),
        ({"Accept-Language": "de, pl;q=0.8, en;q=0.7"}, "", "Nieprawidłowe parkowanie"),
        ({"Accept-Language": "en;q=0, *;q=x"}, "", "Nieprawidłowe parkowanie"),
        ({"Accept-Language": "en"}, "?language=pl", "Nieprawidłowe parkowanie"),
        ({}, "?language=en", "Improper parking"),
    ]:
        feature = reader.get(MAP + query, headers=headers).json()["features"][0]
        assert feature["properties"]["category_name"] == name
        assert reader.get(f"/v1/receipts/{life.receipt}{query}", headers=headers).json()["category_name"] == name


def nearby(reader: TestClient, category: str, longitude: float, latitude: float) -> dict[str, int]:
    answer = reader.get(
        "/v1/reports/nearby", params={"category": category, "longitude": longitude, "latitude": latitude}
    )
    assert answer.status_code == 200, answer.text
    return {report["report_id"]: report["distance_m"] for report in answer.json()["reports"]}


def test_nearby_is_what_is_open_public_and_close(known: Database, reader: TestClient) -> None:
    north = 1 / 111_270  # a metre, at this latitude
    here, close, far = (life_at(number, 17.92, 50.67 + metres * north) for number, metres in [(1, 0), (2, 40), (3, 60)])
    other, hidden = life_at(4, 17.92, 50.67, "speeding"), life_at(5, 17.92, 50.67, "drug-use")
    closed = life_at(6, 17.92, 50.67)
    feed(known, [life.change(CaseOpened) for life in (here, close, far, other, hidden, closed)])
    feed(known, [closed.change(CaseTakenUp), closed.change(CaseConfirmed), closed.change(CaseEliminated)])
    assert nearby(reader, "parking", 17.92, 50.67) == {str(here.id): 0, str(close.id): 40}
    assert nearby(reader, "speeding", 17.92, 50.67) == {str(other.id): 0}
    assert nearby(reader, "drug-use", 17.92, 50.67) == {}
    assert nearby(reader, "parking", 14.0, 90.0) == {}


def test_nearby_finds_a_shifted_report_from_its_true_place(known: Database, reader: TestClient) -> None:
    life = life_at(1, *PLACE, "begging")
    feed(known, [life.change(CaseOpened)])
    assert list(nearby(reader, "begging", *PLACE)) == [str(life.id)]


def test_nothing_secret_is_in_any_public_answer(known: Database, reader: TestClient) -> None:
    life = Life(1, clock.now().replace(minute=37, second=41, microsecond=123456) - DAY, "homeless-person")
    feed(known, [life.submitted(), life.routed(), life.change(CaseOpened), *life.clocks()])
    near = f"/v1/reports/nearby?category=homeless-person&longitude={PLACE[0]}&latitude={PLACE[1]}"
    answers = [reader.get(path).text for path in (MAP, near)]
    assert all(str(life.id) in answer for answer in answers)
    # And not even the holder is told a place that everyone could see over their shoulder.
    answers.append(json.dumps({**reader.get(f"/v1/receipts/{life.receipt}").json(), "timeline": [], "deadlines": []}))
    for answer in answers:
        assert not [place for place in PLACE if str(place) in answer]
        assert life.receipt not in answer
    for answer in answers[:2]:
        assert not [moment for moment in (":37:", "123456") if moment in answer]


def test_what_is_past_its_time_is_not_served_though_no_worker_ran(known: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - DAY)
    feed(known, [life.change(kind) for kind in (CaseOpened, CaseTakenUp, CaseUnconfirmed)])
    assert ids(reader.get(MAP)) == [str(life.id)]
    with known.transaction() as connection:
        connection.execute("update public_report set visible_until = now() - interval '1 second'")
    assert ids(reader.get(MAP)) == []
