"""Officers for tests of casework: tokens signed by an issuer of the test's own, and districts to transfer to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from casework.districts import Districts
from contracts.base import Owner
from contracts.events.districts import District, DistrictSet, Level, district_set_sha256
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi.testclient import TestClient
from httpx import Response
from support.events import OPOLE, SUBMITTED, report_id

KATOWICE = Owner(garrison="KAT", unit="KMP-2469", unit_name="Komenda Miejska Policji w Katowicach")
ISSUER, AUDIENCE, KEY_ID = "test-issuer", "kmzb-casework", "test-key"


class Issuer:
    """Signs tokens and publishes its key at `url`."""

    def __init__(self, url: str, key: rsa.RSAPrivateKey) -> None:
        self.url, self.key = url, key

    def token(self, role: str, unit: str | None = None, garrison: str | None = None, **claims: Any) -> str:
        """A token as a provider would give it; `claims` overrides, None leaves one out."""
        all_claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": f"officer-{role}-{unit}",
            "exp": datetime.now(UTC) + timedelta(hours=1),
            "role": role,
            "unit": unit,
            "garrison": garrison,
        } | claims
        present = {name: value for name, value in all_claims.items() if value is not None}
        return jwt.encode(present, self.key, algorithm="RS256", headers={"kid": KEY_ID})

    def signed_in(self, role: str, unit: str | None = None, garrison: str | None = None) -> dict[str, str]:
        """The headers of a request by such an officer."""
        return {"Authorization": f"Bearer {self.token(role, unit, garrison)}"}


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer whose keys are served on a port of its own while the block runs."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    body = json.dumps({"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}).encode()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Keys, body))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Issuer(f"http://127.0.0.1:{server.server_port}/jwks.json", key)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Keys(BaseHTTPRequestHandler):
    def __init__(self, body: bytes, *args: Any) -> None:
        self.body = body
        super().__init__(*args)

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None:
        """Nothing: tests read only what fails."""


class Officer:
    """Somebody signed in, who asks for changes from the version the case is at, or the one named."""

    def __init__(self, client: TestClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    def detail(self, number: int = 1) -> dict[str, Any]:
        """The case of a report as this officer sees it."""
        detail: dict[str, Any] = self.client.get(f"/v1/cases/{report_id(number)}", headers=self.headers).json()
        return detail

    def post(self, action: str, body: Any = None, number: int = 1, version: int | None = None) -> Response:
        """Ask for one change, whatever comes of it."""
        at = self.detail(number).get("version", 1) if version is None else version
        headers = self.headers | {"If-Match": f'"{at}"'}
        url = f"/v1/cases/{report_id(number)}/{action}"
        answer: Response = self.client.post(url, json=body, headers=headers)
        return answer

    def change(self, *actions: str, number: int = 1) -> None:
        """Make changes one after the other. Fails where one is refused."""
        for action in actions:
            body = BODIES.get(action)
            answer = self.post(action, body, number)
            assert answer.status_code == 200, (action, answer.text)

    def list_cases(self, **params: Any) -> list[str]:
        """The reports of the first page of a list."""
        answer = self.client.get("/v1/cases", params=params, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return [case["report_id"] for case in answer.json()["cases"]]


# What the changes need that need something.
BODIES = {
    "unconfirm": {"reason": "nic tam nie ma"},
    "refer": {"agency": "road-manager"},
    "uphold": {"text": "Byliśmy tam trzy razy."},
    "ask": {"text": "Po której stronie ulicy?"},
}


def known_districts() -> Districts:
    """Opole with a stand-in area and beats, and units beside it; and another garrison with some of the same codes."""
    districts = Districts()
    known: dict[str, list[tuple[str, Level, str | None, str]]] = {
        "OPO": [
            ("OPO", Level.GARRISON, None, "Komenda Wojewódzka Policji w Opolu"),
            (OPOLE.unit, Level.UNIT, "OPO", OPOLE.unit_name),
            ("166101", Level.AREA, OPOLE.unit, "Opole"),
            ("OPO-B1", Level.BEAT, OPOLE.unit, "Rejon 1"),
            ("R1", Level.BEAT, OPOLE.unit, "Rejon 1"),
            ("KP-1", Level.UNIT, "OPO", "Komisariat I w Opolu"),
            ("KPP-1601", Level.UNIT, "OPO", "Komenda Powiatowa Policji w Brzegu"),
        ],
        "KAT": [
            ("KMP-2469", Level.UNIT, None, "Komenda Miejska Policji w Katowicach"),
            ("R1", Level.BEAT, "KMP-2469", "Rejon 1"),
            ("KP-1", Level.UNIT, None, "Komisariat I w Katowicach"),
        ],
    }
    for garrison, rows in known.items():
        members = [
            District(garrison=garrison, version="1", code=code, level=level, name=name, parent=parent)
            for code, level, parent, name in rows
        ]
        for district in members:
            districts.apply(district)
        digest = district_set_sha256(members)
        districts.apply(
            DistrictSet(garrison=garrison, version="1", count=len(members), sha256=digest, valid_from=SUBMITTED)
        )
    return districts
