"""The page that draws the map, and what stands behind it."""

from html.parser import HTMLParser
from pathlib import Path

import public_map
from contracts.statuses import LABELS
from fastapi.testclient import TestClient

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
        if tag == "style" or (tag == "script" and "src" not in named):
            self.inline.append(tag)


def test_the_page_runs_only_its_own_files(reader: TestClient) -> None:
    page = reader.get("/")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    tags = Tags()
    tags.feed(page.text)
    assert tags.inline == []
    assert [address.rpartition("/")[2] for address in tags.addresses] == ["map.css", "map.js", "tel:112"]
    for address in tags.addresses[:2]:
        assert address.startswith("/static/")
        assert reader.get(address).status_code == 200


def test_the_page_has_no_parts(reader: TestClient) -> None:
    for header in ("bytes=0-1", "bytes=9-1", "x"):
        assert reader.get("/", headers={"Range": header}).status_code == 200


def test_the_page_never_makes_markup_of_what_it_is_sent() -> None:
    script = (WEB / "static" / "map.js").read_text(encoding="utf-8")
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
    source = (WEB.parent / "store" / "public_reports.py").read_text(encoding="utf-8")
    for table in ("report", "case_version", "clock"):
        for word in ("from", "join", "into", "update"):
            assert f"{word} {table} " not in source
