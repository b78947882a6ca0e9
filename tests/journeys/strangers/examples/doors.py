"""What an attacker tries: tokens, bodies without end, sockets that trickle, places and numbers that tell too much."""

import socket
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
from journeys.strangers.shape import Answer, Example, Gives, Request
from journeys.strangers.stage import Stage
from support.wait import eventually

from deploy import issuer

MEGABYTES = 36


def signed(stage: Stage, **claims: Any) -> Mapping[str, str]:
    """The headers of a request with a token that the issuer signed, with these claims instead of its own."""
    now = stage.journey.now()
    usual = {
        "iss": issuer.ISSUER,
        "aud": issuer.AUDIENCE,
        "sub": "officer",
        "role": "coordinator",
        "unit": "KMP-1661",
        "garrison": "OPO",
        "exp": now + timedelta(hours=1),
    }
    key = issuer.private_key(stage.journey.system.root / "issuer")
    token = jwt.encode({**usual, **claims}, key, algorithm="ES256", headers={"kid": issuer.KEY_ID})
    return {"Authorization": f"Bearer {token}"}


def _clock_ahead(stage: Stage) -> httpx.Response:
    at = stage.journey.now() + timedelta(seconds=30)
    return Request("casework", "GET", "/v1/cases", headers=signed(stage, iat=at, nbf=at))(stage)


def _nul_in_a_claim(stage: Stage) -> httpx.Response:
    return Request("casework", "GET", "/v1/cases", headers=signed(stage, unit="KMP-1661\0"))(stage)


def _large_body_without_token(stage: Stage) -> list[Any]:
    """What 36 MB for casework are answered, and whether they stay in its memory."""
    before = _resident(stage, "casework")
    answers = set()
    for _ in range(4):
        try:
            url = stage.journey.url("casework", f"/v1/cases/{stage.case}/task")
            answers.add(stage.journey.http.post(url, content=b" " * (MEGABYTES << 20)).status_code)
        except httpx.TransportError:  # it was answered, and hung up, before all was sent
            answers.add(401)
    return [sorted(answers), _resident(stage, "casework") - before < MEGABYTES]


def _resident(stage: Stage, service: str) -> int:
    """MB of memory of a service's process."""
    status = Path(f"/proc/{stage.journey.system.process(service).pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def _trickling_sockets(stage: Stage) -> list[str]:
    """Which ports still hold a connection that has been sending one request for twenty seconds, a byte at a time."""
    services = ("intake", "casework", "public_map")
    opened = {name: socket.create_connection(_address(stage, name)) for name in services}
    for connection in opened.values():
        connection.sendall(b"POST /v1/reports HTTP/1.1\r\nHost: x\r\nX: ")
    until = monotonic() + 20
    for name, connection in opened.items():
        with connection:
            eventually(partial(_is_closed, connection), max(1.0, until - monotonic()), what=name)
    return []


def _address(stage: Stage, service: str) -> tuple[str, int]:
    parts = urlsplit(stage.journey.url(service, "/"))
    return str(parts.hostname), parts.port or 80


def _is_closed(connection: socket.socket) -> bool:
    connection.settimeout(0.3)
    try:
        connection.sendall(b"x")
        return connection.recv(100) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def _corrected_place(stage: Stage) -> list[Any]:
    """A report shown to 100 m, whose category is corrected to one that is shown exactly: where the map has it."""
    place = (17.92134567, 50.66834567)
    receipt = stage.opened(place=place, category="minors-at-risk", take_up=True)
    at_first = _shown(stage, str(receipt.report_id))
    stage.change(receipt, "correct", category="parking")
    eventually(lambda: _shown(stage, str(receipt.report_id), "category") == "parking")
    return [_shown(stage, str(receipt.report_id)) == at_first, at_first == list(place)]


def _shown(stage: Stage, report_id: str, name: str = "") -> Any:
    def found() -> Any:
        url = stage.journey.url("public_map", "/v1/reports.geojson?bbox=17.9,50.6,18.0,50.7&limit=2000")
        features = {each["id"]: each for each in stage.journey.http.get(url).json()["features"]}
        return features.get(report_id)

    feature = eventually(found)
    return feature["properties"][name] if name else feature["geometry"]["coordinates"]


def _case_numbers(stage: Stage) -> bool:
    """Whether numbers of cases opened one after the other tell how many there are."""
    numbers = [int(stage.detail(stage.opened())["number"].split("-")[2][:6]) for _ in range(3)]
    return all(abs(later - earlier) < 5 for earlier, later in zip(numbers, numbers[1:], strict=False))


DOORS: Sequence[Example] = (
    Example(8, "a token of a clock that is half a minute fast", _clock_ahead, Answer(200, ["cases"])),
    Example("doors", "NUL in a signed claim", _nul_in_a_claim, Answer(401, ["a claim is no code"])),
    Example("doors", "36 MB without a token", _large_body_without_token, Gives([[401], True])),
    Example("doors", "sockets that trickle", _trickling_sockets, Gives([]), slow=True),
    Example("doors", "a correction that tells the exact place", _corrected_place, Gives([True, False])),
    Example("doors", "case numbers that can be counted", _case_numbers, Gives(False)),
)
