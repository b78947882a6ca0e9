"""The page that draws the map, and what stands behind it."""

from html.parser import HTMLParser
from pathlib import Path

import public_map
import pytest
from chassis.health import Health
from chassis.postgres import Database
from contracts.statuses import LABELS
from fastapi.testclient import TestClient
from public_map.api.application import create_api
from public_map.api.pages.streets import STREETS_PATH
from public_map.settings import Settings

WEB = Path(public_map.__file__).parent / "web"
MAP = "/v1/reports.geojson"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.addresses += [named[name] or "" for name in ("src", "href") if name in named]
        self.inline += [name for name in named if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in named and named.get("type") != "application/json"):
            self.inline.append(tag)


def test_the_page_runs_only_its_own_files(reader: TestClient) -> None:
    page = reader.get("/")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "connect-src 'self' http://127.0.0.1:8101;" in policy  # where "me too" goes
    assert "set-cookie" not in page.headers
    tags = Tags()
    tags.feed(page.text)
    assert tags.inline == []
    files = [address for address in tags.addresses if address.startswith("/static/")]
    assert {"map.css", "main.js", "maplibre-gl.css"} <= {address.rpartition("/")[2] for address in files}
    for address in files:
        assert reader.get(address.partition("#")[0]).status_code == 200


def test_the_page_has_no_parts(reader: TestClient) -> None:
    for header in ("bytes=0-1", "bytes=9-1", "x"):
        assert reader.get("/", headers={"Range": header}).status_code == 200


def test_the_legend_names_every_status_the_public_sees(reader: TestClient) -> None:
    page = reader.get("/").text
    for status, label in LABELS.items():
        assert (label["pl"] in page) == (status != "rejected")


def test_the_base_map_is_read_in_parts(reader: TestClient) -> None:
    found = reader.get("/static/x/design/map/poland.pmtiles", headers={"Range": "bytes=0-6"})
    assert (found.status_code, found.content) == (206, b"PMTiles")


def streeted(store: Database, setting: str) -> TestClient:
    settings = Settings(kafka_bootstrap="localhost:1", postgres_dsn=store.dsn, streets=setting)
    return TestClient(create_api(store, settings, Health()))


def test_streets_of_an_operator_are_read_from_there_and_nowhere_else(store: Database) -> None:
    page = streeted(store, "https://streets.example.pl/{z}/{x}/{y}.pbf").get("/")
    policy = page.headers["content-security-policy"]
    assert "connect-src 'self' http://127.0.0.1:8101 https://streets.example.pl;" in policy
    assert policy.count("streets.example.pl") == 1
    assert '"kind": "vector"' in page.text


def test_an_operators_file_of_streets_is_served_in_parts(store: Database, tmp_path: Path) -> None:
    file = tmp_path / "opole.pmtiles"
    file.write_bytes(b"PMTiles and more")
    client = streeted(store, str(file))
    assert "streets" not in client.get("/").headers["content-security-policy"]
    found = client.get(STREETS_PATH, headers={"Range": "bytes=8-10"})
    assert (found.status_code, found.content) == (206, b"and")


@pytest.mark.parametrize("setting", ["streets.zip", "/nowhere/at/all.pmtiles", "{z}/{x}/{y}.png"])
def test_a_setting_nothing_can_be_read_from_ends_the_start(store: Database, setting: str) -> None:
    with pytest.raises(ValueError, match="streets|all|png"):
        streeted(store, setting)


def test_the_documentation_names_every_route(reader: TestClient) -> None:
    assert {"/", MAP, "/v1/reports/nearby", "/v1/receipts/{receipt}"} <= set(
        reader.get("/openapi.json").json()["paths"]
    )


def test_only_the_public_table_is_read_for_the_public() -> None:
    source = (WEB.parent / "store" / "public_reports.py").read_text(encoding="utf-8")
    for table in ("report", "case_version", "clock"):
        for word in ("from", "join", "into", "update"):
            assert f"{word} {table} " not in source
