"""What readers of the map get over HTTP, from a real database."""

import json
from itertools import pairwise
from typing import Any

from chassis import clock
from chassis.postgres import Database
from contracts.events.cases import CaseOpened, CaseTakenUp, CaseUnconfirmed
from contracts.statuses import LABELS
from fastapi.testclient import TestClient
from support.public_map.public_lives import DAY, PLACE, Life, feed, many_lives

MAP = "/v1/reports.geojson"


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def test_the_map_is_valid_geojson(store: Database, reader: TestClient) -> None:
    feed(store, [event for life in many_lives(clock.now()) for event in life])
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


def test_filters_choose_by_box_category_status_and_hour(store: Database, reader: TestClient) -> None:
    sent_at = clock.now() - DAY
    opole = Life(1, sent_at, place=(17.92, 50.67))
    gdansk = Life(2, sent_at, "speeding", place=(18.65, 54.35))
    feed(store, [opole.change(CaseOpened), gdansk.change(CaseOpened), gdansk.change(CaseTakenUp, at=clock.now())])
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


def test_pages_lose_and_repeat_nothing_while_reports_come_and_change(store: Database, reader: TestClient) -> None:
    lives = [Life(number, clock.now() - DAY) for number in range(1, 26)]
    feed(store, [life.change(CaseOpened) for life in lives])
    seen: list[str] = []
    following = None
    while True:
        answer = reader.get(MAP, params={"limit": 7, **({"next": following} if following else {})})
        seen += ids(answer)
        following = answer.json()["next"]
        feed(store, [lives[len(seen) % 25].change(CaseTakenUp)])
        if following is None:
            break
    assert seen == sorted(str(life.id) for life in lives)
    assert all(one < other for one, other in pairwise(seen))


def test_an_unchanged_map_is_not_sent_again(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - DAY)
    feed(store, [life.change(CaseOpened)])
    first = reader.get(MAP)
    assert "max-age" in first.headers["cache-control"]
    again = reader.get(MAP, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    feed(store, [life.change(CaseTakenUp)])
    assert reader.get(MAP, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_nothing_secret_is_in_any_public_answer(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now().replace(minute=37, second=41, microsecond=123456) - DAY, "homeless-person")
    feed(store, [life.submitted(), life.routed(), life.change(CaseOpened), *life.clocks()])
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


def test_what_is_past_its_time_is_not_served_though_no_worker_ran(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - DAY)
    feed(store, [life.change(kind) for kind in (CaseOpened, CaseTakenUp, CaseUnconfirmed)])
    assert ids(reader.get(MAP)) == [str(life.id)]
    with store.transaction() as connection:
        connection.execute("update public_report set visible_until = now() - interval '1 second'")
    assert ids(reader.get(MAP)) == []
