"""Pages are rendered under a strict policy, files are kept for ever, and errors are pages to people only."""

import gzip
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from chassis.health import Health
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient
from starlette.middleware import Middleware
from starlette.responses import Response
from web.application import create_api
from web.design.compression import Compression
from web.design.pages import Pages
from web.design.policies import Needs
from web.problems import Problem

STATIC = Path(str(files("web.design"))) / "static"
LANGUAGES = ("pl", "en", "uk", "de", "cs")
MODULES = {
    "main.js": 'import {\n  a,\n} from "./deep/a.js";\nimport "./b.js";\nconst late = () => import("./late.js");\n',
    "b.js": 'export * from "./deep/a.js";\nexport const words = "./no-module.js";\n',
    "deep/a.js": 'import { b } from "../b.js";\nimport "./c.js";\nexport function a() {\n  return "./a.js";\n}\n',
    "deep/c.js": "/** @type {import('../late.js').Late} */\nexport const c = 1;\n",
    "late.js": "",
}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pages:
    """Pages of a package made for the test."""
    for folder in ("static", "templates"):
        (tmp_path / "a_service" / "web" / folder).mkdir(parents=True)
    (tmp_path / "a_service" / "__init__.py").touch()
    web = tmp_path / "a_service" / "web"
    (web / "static" / "x.js").write_text("import './design/y.js';" + " " * 2000)
    (web / "static" / "deep").mkdir()
    for name, text in MODULES.items():
        (web / "static" / name).write_text(text)
    (web / "templates" / "scripted.html").write_text(
        '{% extends "layout.html" %}{% block head %}{{ module("main.js") }}{% endblock %}'
    )
    (web / "static" / "data.bin").write_bytes(bytes(range(256)))
    (web / "templates" / "hello.html").write_text(
        '{% extends "layout.html" %}{% block main %}<h1>{{ words }}</h1>{{ icon("ui-search") }}{% endblock %}'
    )
    monkeypatch.delitem(sys.modules, "a_service", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    return Pages("a_service", connect=["https://reports.example/v1"])


@pytest.fixture
def client(pages: Pages) -> TestClient:
    api: FastAPI = create_api("t", "for tests", Health(), middleware=[Middleware(Compression, minimum_size=100)])
    pages.mount(api)

    @api.get("/", response_class=HTMLResponse)
    def page(request: Request) -> Response:
        return pages.render(request, "hello.html", needs=Needs(location=True), words="<b>", page={"a": "</script>"})

    @api.get("/scripted", response_class=HTMLResponse)
    def scripted(request: Request) -> Response:
        return pages.render(request, "scripted.html")

    @api.get("/broken", response_class=HTMLResponse)
    def broken() -> Response:
        raise ZeroDivisionError

    @api.get("/problems/{status}", response_class=HTMLResponse)
    def problems(status: int) -> Response:
        raise Problem(status, "Title <b>", "Detail <b>", {"Retry-After": "2"}, trace="0123")

    @api.get("/gone", response_class=HTMLResponse)
    def gone() -> Response:
        raise Problem(404, "Unknown receipt", "No report has this receipt.")

    return TestClient(api, raise_server_exceptions=False)


def test_a_page_is_text_under_a_strict_policy(client: TestClient) -> None:
    answer = client.get("/?lang=en&fbclid=x")
    assert answer.status_code == 200
    assert "&lt;b&gt;" in answer.text
    assert '<script type="application/json" id="page">{"a": "\\u003c/script\\u003e"}</script>' in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self' https://reports.example;" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "geolocation=(self)" in answer.headers["permissions-policy"]
    assert "set-cookie" not in answer.headers
    assert client.get("/", headers={"If-None-Match": client.get("/").headers["etag"]}).status_code == 304


def test_files_are_kept_under_one_hash_and_compressed(client: TestClient, pages: Pages) -> None:
    address = pages.asset("x.js")
    assert pages.asset("design/icons.svg").split("/")[:3] == address.split("/")[:3]
    answer = client.get(address)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert plain.content == answer.content
    assert plain.headers["etag"] != answer.headers["etag"]
    assert len(gzip.compress(plain.content)) < 200
    older = client.get("/static/0123/x.js")
    assert (older.status_code, older.headers["cache-control"]) == (200, "no-cache")
    with pytest.raises(LookupError):
        pages.asset("z.js")


def test_the_shared_sheets_are_one_file(client: TestClient, pages: Pages) -> None:
    linked = [line for line in client.get("/").text.splitlines() if 'rel="stylesheet"' in line]
    assert linked == [f'  <link rel="stylesheet" href="{pages.asset("design/design.css")}">']
    address = pages.asset("design/design.css")
    compressed, plain = client.get(address), client.get(address, headers={"Accept-Encoding": "identity"})
    sheets = [(STATIC / f"{sheet}.css").read_bytes() for sheet in ("tokens", "base", "components", "forms", "data")]
    assert compressed.content == plain.content == b"".join(sheets)


def test_a_file_that_is_edited_is_not_served_as_it_was(client: TestClient, pages: Pages, tmp_path: Path) -> None:
    address = pages.asset("x.js")
    assert client.get(address).headers["content-encoding"] == "gzip"
    (tmp_path / "a_service" / "web" / "static" / "x.js").write_text("edited")
    assert client.get(address).text == "edited"


@pytest.mark.parametrize(
    "path",
    ["x/none.js", "", "x.js", "a/%2e%2e/%2e%2e/__init__.py", "a/..%2f..%2f__init__.py", "a//etc/passwd", "a/x.js%00"],
)
def test_what_is_no_file_is_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(f"/static/{path}", headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_browsers_see_pages_where_programs_get_problems(client: TestClient) -> None:
    for path, status in (("/nowhere", 404), ("/gone", 404), ("/broken", 500)):
        seen, read = client.get(path, headers=BROWSER), client.get(path)
        assert (seen.status_code, read.status_code) == (status, status)
        assert seen.headers["content-type"].startswith("text/html")
        assert "<h1" in seen.text
        assert "default-src 'none'" in seen.headers["content-security-policy"]
        assert read.headers["content-type"] == "application/problem+json"
    for accept in ("text/html;q=0", "text/html;q=0.000", "text/html;q=x", "text/htmlx", "application/json", "*/*"):
        read = client.get("/nowhere", headers={"Accept": accept})
        assert read.headers["content-type"] == "application/problem+json", accept
    assert client.get("/v1/nowhere", headers=BROWSER).headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503])
def test_every_problem_is_a_page_in_every_language(client: TestClient, status: int) -> None:
    for language in LANGUAGES:
        answer = client.get(f"/problems/{status}?lang={language}", headers=BROWSER)
        assert (answer.status_code, answer.headers["retry-after"]) == (status, "2")
        assert f'<html lang="{language}">' in answer.text
        assert answer.text.count("<h1") == 1
        assert "<b>" not in answer.text
        assert "112" in answer.text


def test_a_page_names_all_that_its_script_imports_and_nothing_it_may_never_need(
    client: TestClient, pages: Pages
) -> None:
    text = client.get("/scripted").text
    named = [line for line in text.splitlines() if "modulepreload" in line]
    assert named == [
        f'<link rel="modulepreload" href="{pages.asset(name)}">' for name in ("deep/a.js", "b.js", "deep/c.js")
    ]
    assert f'<script type="module" src="{pages.asset("main.js")}"></script>' in text
