"""Parts of files as RFC 9110 (14) has them; what asks in no known way gets the whole."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from web.design.compression import Compression
from web.design.files import StaticFiles
from web.guard import Guard

CONTENT = bytes(range(100))


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    """A reader of one file of 100 bytes, behind everything that stands in front of an application."""
    (tmp_path / "data.js").write_bytes(CONTENT)
    app = Starlette(routes=[Mount("/static", StaticFiles({"": tmp_path}))])
    return TestClient(Guard(Compression(app, minimum_size=10), lambda: {"paths": {}}))


WHOLE = [
    "bytes", "bytes=", "bytes=x", "bytes=5", "bytes=-", "bytes=--5", "bytes=5-2", "bytes=1-2;3-4", "bytes=0x1-5",
    "lines=1-5", "=1-5", "bytes=1-5,x", "bytes=0-1,5-2", "nonsense", "", "bytes=" + "0-0," * 20 + "1-1",
    "bytes=" + "1" * 600 + "-", "bytes=\u00b2-5", "bytes=,",
]  # fmt: skip
PARTS = {
    "bytes=0-0": CONTENT[:1],
    "bytes=10-19": CONTENT[10:20],
    "bytes=90-": CONTENT[90:],
    "bytes=-10": CONTENT[90:],
    "bytes=-1000": CONTENT,
    "bytes=90-1000": CONTENT[90:],
    "BYTES=10-19": CONTENT[10:20],
    "bytes= 10-19 , ": CONTENT[10:20],
    "bytes=10-19,15-29": CONTENT[10:30],
    "bytes=10-19,500-": CONTENT[10:20],
    "bytes=10-19,10-19,10-19": CONTENT[10:20],
}
NOWHERE = ["bytes=100-", "bytes=100-200", "bytes=500-600,700-", "bytes=-0", "bytes=" + "9" * 300 + "-"]


@pytest.mark.parametrize("header", WHOLE)
def test_what_is_no_range_gets_the_whole(client: TestClient, header: str) -> None:
    answer = client.get("/static/x/data.js", headers=[(b"range", header.encode("latin-1"))])
    assert (answer.status_code, answer.content) == (200, CONTENT)


@pytest.mark.parametrize(("header", "content"), PARTS.items())
def test_a_range_gets_its_part(client: TestClient, header: str, content: bytes) -> None:
    answer = client.get("/static/x/data.js", headers={"Range": header})
    assert (answer.status_code, answer.content) == (206, content)
    first = CONTENT.index(content)
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(content) - 1}/100"
    assert "content-encoding" not in answer.headers


def test_several_ranges_come_as_parts(client: TestClient) -> None:
    answer = client.get("/static/x/data.js", headers={"Range": "bytes=0-1,50-51"})
    assert answer.status_code == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges")
    assert answer.content.count(b"Content-Range: ") == 2
    assert len(answer.content) == int(answer.headers["content-length"])


@pytest.mark.parametrize("header", NOWHERE)
def test_a_range_beyond_the_end_is_a_problem(client: TestClient, header: str) -> None:
    answer = client.get("/static/x/data.js", headers={"Range": header})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */100")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_range_of_another_version_gets_the_whole(client: TestClient) -> None:
    tag = client.get("/static/x/data.js", headers={"Accept-Encoding": "identity"}).headers["etag"]
    part = client.get("/static/x/data.js", headers={"Range": "bytes=0-1", "If-Range": tag})
    assert (part.status_code, part.content) == (206, CONTENT[:2])
    for header in ("bytes=0-1", "bytes=100-"):
        other = client.get("/static/x/data.js", headers={"Range": header, "If-Range": '"another"'})
        assert (other.status_code, other.content) == (200, CONTENT)


def test_only_get_has_parts(client: TestClient) -> None:
    for header in ("bytes=0-1", "bytes=100-", "x"):
        answer = client.head("/static/x/data.js", headers={"Range": header})
        assert (answer.status_code, answer.content) == (200, b"")
    assert client.post("/static/x/data.js", headers={"Range": "bytes=0-1"}).status_code == 405
