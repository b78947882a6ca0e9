"""Lists as files: the same cases as the list, whole or visibly not, in bounded memory, harmless to spreadsheets."""

import asyncio
import csv
import io
import json
import tracemalloc
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any

import pytest
from casework.api.exports.routes import FIELDS
from chassis.postgres import Connection, Database
from contracts.events.reports import ReportContent
from fastapi.testclient import TestClient
from support.casework.officers import KATOWICE, Issuer, Officer
from support.events import OPOLE, received, report_id
from support.stack.databases import Clone
from web.exports.downloads import DOWNLOAD_SECONDS, Download
from web.exports.formats import CSV, WGS84

MANY = 100_000
FORMULAS = ("=1+2", "+1", "-1", "@sum(a1)", "\t=1", " =1", "＝1", '"=1', "'=1")


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))


def places_of(client: TestClient) -> BoundedSemaphore:
    """The places for exports: two."""
    api: Any = client.app
    places: BoundedSemaphore = api.state.dependencies.exports
    return places


def recorded(service: Database) -> list[dict[str, Any]]:
    with service.transaction() as connection:
        rows = connection.execute("select record from audit.entry order by chain, number").fetchall()
    return [json.loads(row["record"]) for row in rows]


def test_a_file_has_the_cases_of_the_list_in_its_order(
    client: TestClient, coordinator: Officer, open_cases: Callable[..., None], two_units: None
) -> None:
    open_cases(4, 5, 6)
    open_cases(7, owner=KATOWICE)
    coordinator.change("take-up", number=5)
    for query in ({}, {"status": "verification"}, {"order": "due"}, {"q": "OPO"}, {"overdue": True}, {"beat": "R9"}):
        listed = client.get("/v1/cases", params=query, headers=coordinator.headers).json()["cases"]
        answer = client.get("/v1/exports/cases.csv", params=query, headers=coordinator.headers)
        assert [row["report_id"] for row in rows_of(answer)] == [case["report_id"] for case in listed], query
        mapped = client.get("/v1/exports/cases.geojson", params=query, headers=coordinator.headers).json()
        assert [feature["id"] for feature in mapped["features"]] == [case["report_id"] for case in listed], query
    refused = client.get("/v1/exports/cases.csv", params={"next": "x"}, headers=coordinator.headers)
    assert refused.status_code == 422


def test_what_a_file_is_stands_in_it(client: TestClient, coordinator: Officer, two_units: None) -> None:
    answer = client.get("/v1/exports/cases.csv", headers=coordinator.headers)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cases.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content.startswith(b"\xef\xbb\xbfreport_id;number;")
    assert answer.content.endswith(b"\r\n")
    (row,) = rows_of(answer)
    assert (row["submitted_at"], row["unit_name"]) == ("2026-11-02T10:30:01+01:00", OPOLE.unit_name)
    assert (row["longitude"], row["overdue"], "description" in row) == ("17.92", row["overdue"], False)
    mapped = client.get("/v1/exports/cases.geojson", headers=coordinator.headers)
    (feature,) = mapped.json()["features"]
    assert mapped.headers["Content-Type"] == "application/geo+json"
    assert feature["geometry"] == {"type": "Point", "coordinates": [17.92, 50.67]}
    assert feature["properties"]["submitted_at"] == "2026-11-02T09:30:01Z"
    assert set(feature["properties"]) == set(FIELDS) - {"longitude", "latitude"}


def test_an_export_of_nothing_is_whole(client: TestClient, coordinator: Officer) -> None:
    assert rows_of(client.get("/v1/exports/cases.csv", headers=coordinator.headers)) == []
    mapped = client.get("/v1/exports/cases.geojson", headers=coordinator.headers).json()
    assert mapped == {"type": "FeatureCollection", "features": []}


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula(text: str) -> None:
    row: dict[str, Any] = dict.fromkeys(FIELDS, "x") | {"unit_name": text, "longitude": -1.5}
    (said,) = csv.DictReader(io.StringIO("".join(CSV.parts([[row]], FIELDS, WGS84)).lstrip("\ufeff")), delimiter=";")
    assert said["longitude"] == "-1.5"  # a number is none
    assert said["unit_name"].lstrip()[0] in ("'", '"')
    assert said["unit_name"].endswith(text)


def test_words_are_for_coordinators_with_a_purpose_and_each_case_is_recorded(
    client: TestClient, issuer: Issuer, coordinator: Officer, service: Database, two_units: None,
    open_cases: Callable[..., None], consume: Callable[..., None],
) -> None:  # fmt: skip
    open_cases(4, 5)
    consume(received(ReportContent(report_id=report_id(4), description="=cmd|' /C calc'!A0;\nz \"cudzysłowem\"")))
    url = "/v1/exports/cases.csv"
    for role, unit in (("beat_officer", OPOLE.unit), ("garrison", None), ("headquarters", None)):
        headers = issuer.signed_in(role, unit, "OPO")
        assert client.get(url, params={"words": 1, "purpose": "x"}, headers=headers).status_code == 403
    refused = client.get(url, params={"words": 1}, headers=coordinator.headers)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "purpose")
    assert recorded(service) == []
    found = rows_of(client.get(url, params={"words": 1, "purpose": "nadzór"}, headers=coordinator.headers))
    described = {row["report_id"]: row["description"] for row in found}
    assert described == {
        str(report_id(1)): "prywatne słowa",
        str(report_id(4)): "'=cmd|' /C calc'!A0;\nz \"cudzysłowem\"",
        str(report_id(5)): "",
    }
    said = [(each["what"], each.get("report_id"), each["fields"], each["purpose"]) for each in recorded(service)]
    cases = [(("exported-case"), str(report_id(number)), ["description"], "nadzór") for number in (4, 1)]
    assert said == [("export", None, ["description"], "nadzór"), *cases]
    rows_of(client.get(url, params={"status": "new"}, headers=coordinator.headers))
    assert recorded(service)[3]["detail"] == {"status": ["new"]}


def test_there_are_only_so_many_at_a_time_and_each_gives_its_place_back(
    client: TestClient, coordinator: Officer, two_units: None
) -> None:
    places = places_of(client)
    for query in ("", "?words=1&purpose=x", "?words=1", "?unit=x", "?next=1"):
        client.get(f"/v1/exports/cases.csv{query}", headers=coordinator.headers)
    assert places.acquire(blocking=False)
    assert places.acquire(blocking=False)
    refused = client.get("/v1/exports/cases.csv", headers=coordinator.headers)
    assert (refused.status_code, refused.headers["Content-Type"]) == (503, "application/problem+json")
    assert int(refused.headers["Retry-After"]) > 0
    places.release()
    assert client.get("/v1/exports/cases.csv", headers=coordinator.headers).status_code == 200


def test_what_fails_before_the_first_part_is_a_problem_and_gives_its_place_back(
    client: TestClient, coordinator: Officer, two_units: None, clone: Clone
) -> None:
    with Connection.connect(clone.owner) as owner:
        owner.execute("revoke select on cases from kmzb_casework_api")
    refused = client.get("/v1/exports/cases.csv", headers=coordinator.headers)
    assert (refused.status_code, refused.headers["Content-Type"]) == (500, "application/problem+json")
    places = places_of(client)
    assert places.acquire(blocking=False)
    assert places.acquire(blocking=False)


def test_whoever_goes_away_in_the_middle_leaves_nothing_behind() -> None:
    """The generator is closed, and what it held given back, also where the reader is gone after the first part."""
    held: list[str] = []

    def parts() -> Any:
        held.append("connection")
        try:
            while True:
                yield "x" * 1000
        finally:
            held.remove("connection")

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        await asyncio.to_thread(lambda: None)

    scope: dict[str, Any] = {"type": "http", "method": "GET", "asgi": {"spec_version": "2.3"}}
    ended = BoundedSemaphore(1)
    ended.acquire()
    download = Download(parts(), name="x", media_type="text/plain", ended=ended.release)
    assert held == ["connection"]
    asyncio.run(download(scope, gone, send))
    assert (held, scope["state"]["answer_seconds"]) == ([], DOWNLOAD_SECONDS)
    assert ended.acquire(blocking=False)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_hundred_thousand_cases_pass_through_memory_some_at_a_time(
    client: TestClient, coordinator: Officer, clone: Clone, service: Database
) -> None:
    with Connection.connect(clone.owner) as owner:
        owner.execute(
            "insert into cases (report_id, number, version, status, round, category, longitude, latitude, garrison,"
            " unit, unit_name, supporters, submitted_at, changed_at, weekdays)"
            " select gen_random_uuid(), 'OPO-26-' || lpad(n::text, 6, '0') || '-X', 1, 'new', 1, 'parking', 17, 50,"
            " 'OPO', %s, 'x', 0, now() - n * interval '1 minute', now(), '{}' from generate_series(1, %s) as n",
            (OPOLE.unit, MANY),
        )
        owner.execute("insert into words (report_id, description) select report_id, repeat('słowo ', 80) from cases")
        owner.execute("analyze cases, words")
    some = b"words=1&purpose=x&q=OPO-26-00"  # a tenth of them
    asked = {b"order=due": MANY, some: MANY // 10 - 1}
    for query, cases in asked.items():
        tracemalloc.start()
        lines, sent = asyncio.run(downloaded(client.app, "/v1/exports/cases.csv", query, coordinator.headers))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert lines == cases + 1
        assert sent > 6_000_000 > peak, (query, sent, peak)
    assert len(recorded(service)) == len(asked) + asked[some]


async def downloaded(api: Any, path: str, query: bytes, headers: dict[str, str]) -> tuple[int, int]:
    """Lines and bytes of an answer that nobody keeps."""
    counted = [0, 0]
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "asgi": {"spec_version": "2.3"}, "http_version": "1.1", "method": "GET", "scheme": "http",
             "path": path, "raw_path": path.encode(), "query_string": query, "headers": raw, "root_path": "",
             "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), "state": {}}  # fmt: skip
    asked = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if asked.is_set():
            await asyncio.Event().wait()
        asked.set()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200, message
        body = message.get("body", b"")
        counted[0] += body.count(b"\n")
        counted[1] += len(body)

    await api(scope, receive, send)
    return counted[0], counted[1]
