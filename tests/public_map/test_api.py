"""What readers get over HTTP, from a real database."""

import json
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from chassis import clock
from chassis.postgres import Database
from chassis.run import Health
from contracts.cases import (
    CaseConfirmed,
    CaseEliminated,
    CaseOpened,
    CaseRejected,
    CaseSeconded,
    CasesMerged,
    CaseTakenUp,
    CaseUnconfirmed,
)
from contracts.routing import Reason, ReportUnroutable
from contracts.statuses import LABELS
from contracts.terms import policy
from fastapi.testclient import TestClient
from public_map.api import STATIC, create_api
from public_map.settings import Settings
from support.events import report_id
from support.public_lives import DAY, PLACE, Life, feed, many_lives

MAP = "/v1/reports.geojson"


@pytest.fixture
def known(database: Callable[[str], Any]) -> Iterator[Database]:
    made = Database(database("public-map").service, size=2)
    yield made
    made.close()


@pytest.fixture
def reader(known: Database) -> TestClient:
    settings = Settings(kafka_bootstrap="localhost:1", postgres_dsn=known.dsn)
    return TestClient(create_api(known, settings, Health()))


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


def receipt(reader: TestClient, life: Life) -> Any:
    answer = reader.get(f"/v1/receipts/{life.receipt}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def test_the_receipt_answers_from_the_submission_alone(known: Database, reader: TestClient) -> None:
    life = Life(1, clock.now())
    feed(known, [life.submitted()])
    told = receipt(reader, life)
    promise = policy().promise("parking", life.sent_at)
    assert (told["report_id"], told["status"], told["status_name"]) == (str(life.id), "new", "Nowe")
    assert [told[field] for field in ("case_number", "unit", "continues_as")] == [None, None, None]
    assert told["take_up_by"] == promise.take_up_by.isoformat().replace("+00:00", "Z")
    assert told["verify_by"] == promise.verify_by.isoformat().replace("+00:00", "Z")
    assert [step["status"] for step in told["timeline"]] == ["new"]
    assert "112" in told["emergency"]
    assert ids(reader.get(MAP)) == []


def test_the_receipt_names_the_unit_the_deadlines_and_what_happened(known: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - 4 * DAY)
    feed(known, [life.submitted(), life.routed()])
    assert receipt(reader, life)["unit_name"] == "Komenda Miejska Policji w Opolu"
    feed(known, [*[life.change(kind) for kind in (CaseOpened, CaseTakenUp, CaseConfirmed)], *life.clocks()])
    feed(known, [life.change(CaseSeconded, seconds=3)])
    told = receipt(reader, life)
    assert (told["case_number"], told["unit"], told["garrison"], told["seconds"]) == (life.number, "KMP-1661", "OPO", 3)
    assert [step["status"] for step in told["timeline"]] == ["new", "verification", "confirmed"]
    assert told["timeline"][-1]["answer"] == {"checks": 2, "found": 1, "last_check_on": None}
    take_up, verification = told["deadlines"]
    assert (take_up["clock"], take_up["outcome"], take_up["overdue"]) == ("take-up", "missed", False)
    assert (verification["clock"], verification["outcome"], verification["overdue"]) == ("verification", None, False)
    assert told["verify_by"] == verification["due_at"]


def test_a_clock_that_runs_past_its_time_is_overdue(known: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - 4 * DAY)
    started, missed, *_ = life.clocks()
    feed(known, [life.submitted()])
    feed(known, [missed])
    feed(known, [started])
    assert [deadline["overdue"] for deadline in receipt(reader, life)["deadlines"]] == [True]


def test_the_receipt_of_what_cannot_be_placed_names_headquarters(known: Database, reader: TestClient) -> None:
    life = Life(1, clock.now())
    nowhere = ReportUnroutable(
        report_id=life.id,
        longitude=18.9,
        latitude=54.9,
        category="parking",
        submitted_at=life.sent_at,
        reason=Reason.OUTSIDE,
    )
    feed(known, [nowhere, life.submitted()])
    assert receipt(reader, life)["unit_name"] == "Komenda Główna Policji"


def test_the_holder_is_told_of_what_the_public_never_sees(known: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - DAY, "drug-use")
    feed(known, [life.submitted(), life.change(CaseOpened), life.change(CaseRejected)])
    assert receipt(reader, life)["status_name"] == "Żart lub pomyłka"
    assert ids(reader.get(MAP)) == []


def test_the_receipt_of_an_absorbed_case_says_which_number_goes_on(known: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - DAY)
    feed(known, [life.submitted(), life.change(CaseOpened), life.change(CasesMerged)])
    assert receipt(reader, life)["continues_as"] == {
        "report_id": str(report_id(9000)),
        "case_number": "OPO-26-009000-Z",
    }


def test_every_unknown_receipt_gets_the_same_answer(reader: TestClient) -> None:
    same = reader.get("/v1/receipts/BBBBBBBBBBBBBBBBBBBBBB").json()
    for guess in ("AAAAAAAAAAAAAAAAAAAAAA", "x", "%00", "ż" * 30, "a" * 5000, "%ff%fe"):
        answer = reader.get(f"/v1/receipts/{guess}")
        assert answer.status_code == 404
        assert answer.json() == same
        assert answer.headers["cache-control"] == "no-store"


def test_nothing_secret_is_in_any_public_answer(known: Database, reader: TestClient) -> None:
    life = Life(1, clock.now().replace(minute=37, second=41, microsecond=123456) - DAY, "homeless-person")
    feed(known, [life.submitted(), life.routed(), life.change(CaseOpened), *life.clocks()])
    near = f"/v1/reports/nearby?category=homeless-person&longitude={PLACE[0]}&latitude={PLACE[1]}"
    answers = [reader.get(path).text for path in (MAP, near)]
    assert all(str(life.id) in answer for answer in answers)
    # And not even the holder is told a place that everyone could see over their shoulder.
    answers.append(json.dumps({**receipt(reader, life), "timeline": [], "deadlines": []}))
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


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.addresses += [named[name] or "" for name in ("src", "href") if name in named]
        self.inline += [name for name in named if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in named):
            self.inline.append(tag)


def test_the_page_runs_only_its_own_files(reader: TestClient) -> None:
    page = reader.get("/")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    tags = Tags()
    tags.feed(page.text)
    assert tags.inline == []
    assert sorted(tags.addresses) == ["static/map.css", "static/map.js", "tel:112"]
    for file in ("map.css", "map.js", "outline.geojson"):
        assert reader.get(f"/static/{file}").status_code == 200
    assert reader.get("/static/../settings.py").status_code == 404


def test_the_page_never_makes_markup_of_what_it_is_sent() -> None:
    script = Path(STATIC / "map.js").read_text(encoding="utf-8")
    for door in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser", ".style"):
        assert door not in script
    assert "http://" not in script.replace('"http://www.w3.org/2000/svg"', "")
    assert "https://" not in script


def test_the_legend_names_every_status_the_public_sees(reader: TestClient) -> None:
    page = reader.get("/").text
    for status, label in LABELS.items():
        assert (label["pl"] in page) == (status != "rejected")


def test_the_documentation_names_every_route(reader: TestClient) -> None:
    assert {"/", MAP, "/v1/reports/nearby", "/v1/receipts/{receipt}"} <= set(
        reader.get("/openapi.json").json()["paths"]
    )


def test_only_the_public_table_is_read_for_the_public() -> None:
    source = (STATIC.parent / "public_reports.py").read_text(encoding="utf-8")
    for table in ("report", "step", "clock"):
        for word in ("from", "join", "into", "update"):
            assert f"{word} {table} " not in source
