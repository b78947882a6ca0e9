"""Months as files: what `kmzb dataset` left in the operator's folder is served, and nothing else of it."""

import hashlib
from pathlib import Path

import pytest
from chassis.health import Health
from chassis.postgres import Database
from fastapi.testclient import TestClient
from operations.dataset.folder import put
from operations.dataset.making import contents, writer
from public_map.api.application import create_api
from public_map.settings import Settings
from support.operations.months import NOVEMBER, OCTOBER, lives

MAP = "https://mapa.example.org"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for month in (OCTOBER, NOVEMBER):
        put(tmp_path / "data" / str(month), writer(contents(month, lives(12)), f"{MAP}/data/{month}", True), False)
    (tmp_path / "data" / str(OCTOBER) / "notes.txt").write_text("not published")
    (tmp_path / "data" / "2026-09").mkdir()
    return tmp_path / "data"


@pytest.fixture
def reader(store: Database, folder: Path) -> TestClient:
    settings = Settings(kafka_bootstrap="x:1", postgres_dsn=store.dsn, url=MAP, datasets=str(folder))
    return TestClient(create_api(store, settings, Health()))


def test_every_file_that_is_listed_is_served_as_it_is(reader: TestClient, folder: Path) -> None:
    listed = reader.get("/data").json()["datasets"]
    assert [each["month"] for each in listed] == ["2026-11", "2026-10"]
    assert reader.get("/data/2026-10").json() == listed[1]
    assert len(listed[1]["files"]) == 10
    for file in listed[1]["files"]:
        answer = reader.get(file["address"].removeprefix(MAP), headers={"Accept-Encoding": "identity"})
        assert answer.content == (folder / "2026-10" / file["address"].rpartition("/")[2]).read_bytes()
        assert (len(answer.content), hashlib.sha256(answer.content).hexdigest()) == (file["size"], file["sha256"])


def test_a_program_gets_types_ranges_and_is_spared_what_it_has(reader: TestClient, folder: Path) -> None:
    whole = reader.get("/data/2026-10/counts.parquet")
    assert whole.headers["content-type"] == "application/vnd.apache.parquet"
    assert reader.get("/data/2026-10/dcat.jsonld").headers["content-type"] == "application/ld+json"
    assert whole.headers["access-control-allow-origin"] == "*"
    part = reader.get("/data/2026-10/counts.parquet", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"PAR1")
    again = reader.get("/data/2026-10/counts.parquet", headers={"If-None-Match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert reader.get("/data/2026-10/counts.parquet", headers={"If-None-Match": "no tag"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["2026-10/notes.txt", "2026-09/reports.csv", "2026-12/reports.csv", "2026-10/..%2F2026-11%2Freports.csv",
     "2026-10/%2e%2e%2f2026-11%2freports.csv", "..%2F..%2Fetc/passwd", "2026-09", "2026-10/reports.csv/more"],
)  # fmt: skip
def test_nothing_else_is(reader: TestClient, path: str) -> None:
    answer = reader.get(f"/data/{path}")
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_without_a_folder_there_are_none(store: Database) -> None:
    reader = TestClient(create_api(store, Settings(kafka_bootstrap="x:1", postgres_dsn=store.dsn), Health()))
    assert reader.get("/data").json() == {"datasets": []}
    assert reader.get("/data/2026-10/reports.csv").status_code == 404
