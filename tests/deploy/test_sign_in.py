"""Signing in at the development issuer, as a browser does: authorization code with PKCE, once, on loopback."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from deploy.stack.infrastructure import Stack
from support.stack.processes import running_system
from support.wait import eventually

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
DESK = "http://127.0.0.1:8103/desk"
ASKED = {
    "client_id": "kmzb-desk",
    "response_type": "code",
    "redirect_uri": DESK,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": "abc",
    "scope": "openid",
}
OFFICER = {"role": "coordinator", "unit": "KMP-1661", "garrison": "KAT", "beat": "", "subject": "jan"}


@pytest.fixture(scope="module")
def issuer(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running_system(stack, tmp_path_factory.mktemp("sign-in"), "sign-in.", only=(), seed=None) as up:
        eventually(up.process("issuer").part.ready, 10)
        keys = up.addresses["KMZB_CASEWORK_JWKS_URL"]
        with httpx.Client(base_url=keys.removesuffix("/jwks.json"), trust_env=False) as client:
            yield client


def code(issuer: httpx.Client, **officer: str) -> str:
    answer = issuer.post("/authorize", data={**ASKED, **OFFICER, **officer})
    assert answer.status_code == 303, answer.text
    back = urlsplit(answer.headers["Location"])
    said = parse_qs(back.query)
    assert (back._replace(query="").geturl(), said["state"]) == (DESK, ["abc"])
    return said["code"][0]


def tokens(issuer: httpx.Client, **form: str) -> httpx.Response:
    asked = {"client_id": "kmzb-desk", "grant_type": "authorization_code", "redirect_uri": DESK} | form
    return issuer.post("/token", data=asked)


def claims(issuer: httpx.Client, token: str) -> dict[str, Any]:
    key = jwt.PyJWK(issuer.get("/jwks.json").json()["keys"][0])
    found: dict[str, Any] = jwt.decode(token, key, algorithms=["ES256"], audience="kmzb-casework")
    return found


def test_an_officer_picked_on_the_page_is_the_one_in_the_token(issuer: httpx.Client) -> None:
    shown = issuer.get("/authorize", params=ASKED)
    assert "for development and demonstrations only" in shown.text
    assert "script" not in shown.headers["Content-Security-Policy"]
    answer = tokens(issuer, code=code(issuer), code_verifier=VERIFIER)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    found = claims(issuer, answer.json()["access_token"])
    assert (found["role"], found["unit"], found["garrison"], found["sub"]) == ("coordinator", "KMP-1661", "OPO", "jan")
    beat = tokens(issuer, code=code(issuer, role="beat_officer", beat="R1"), code_verifier=VERIFIER).json()
    assert claims(issuer, beat["access_token"])["beat"] == "R1"


def test_a_code_is_good_once_and_for_whoever_holds_its_verifier(issuer: httpx.Client) -> None:
    granted = code(issuer)
    assert tokens(issuer, code=granted, code_verifier="w" * 43).json()["error"] == "invalid_grant"
    assert tokens(issuer, code=granted, code_verifier=VERIFIER).json()["error"] == "invalid_grant"
    granted = code(issuer)
    assert tokens(issuer, code=granted, code_verifier=VERIFIER).status_code == 200
    assert tokens(issuer, code=granted, code_verifier=VERIFIER).status_code == 400
    elsewhere = tokens(issuer, code=code(issuer), code_verifier=VERIFIER, redirect_uri="http://localhost:1/desk")
    assert elsewhere.json()["error"] == "invalid_grant"
    assert tokens(issuer, code="x", code_verifier=VERIFIER).status_code == 400


def test_a_token_is_renewed_once_with_each_refresh_token(issuer: httpx.Client) -> None:
    first = tokens(issuer, code=code(issuer), code_verifier=VERIFIER).json()
    renewal = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = tokens(issuer, **renewal)
    assert claims(issuer, second.json()["access_token"])["unit"] == "KMP-1661"
    assert tokens(issuer, **renewal).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "odd",
    [
        {"redirect_uri": "https://127.0.0.1.example/desk"},
        {"redirect_uri": "http://127.0.0.1:8103/elsewhere"},
        {"redirect_uri": "http://127.0.0.1:8103@evil.example/desk"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"response_type": "token"},
        {"client_id": "another"},
        {"state": "<script>"},
    ],
    ids=str,
)
def test_what_is_no_request_of_the_desk_leads_nowhere(issuer: httpx.Client, odd: dict[str, str]) -> None:
    for answer in (
        issuer.get("/authorize", params=ASKED | odd),
        issuer.post("/authorize", data={**ASKED, **OFFICER, **odd}),
    ):
        assert answer.status_code == 400
        assert "Location" not in answer.headers
        assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "odd", [{"role": "king"}, {"unit": "KGP"}, {"subject": " "}, {"role": "garrison", "garrison": "X"}]
)
def test_who_can_be_no_officer_is_asked_again(issuer: httpx.Client, odd: dict[str, str]) -> None:
    answer = issuer.post("/authorize", data={**ASKED, **OFFICER, **odd})
    assert (answer.status_code, "<form" in answer.text) == (400, True)


def test_another_name_for_loopback_finds_nothing_but_keys(issuer: httpx.Client) -> None:
    foreign = {"Host": "rebound.example"}
    assert issuer.get("/jwks.json", headers=foreign).status_code == 200
    for path in ("/authorize", "/.well-known/openid-configuration"):
        assert issuer.get(path, headers=foreign).status_code == 400
    assert issuer.post("/token", headers=foreign, data={}).status_code == 400
    found = issuer.get("/.well-known/openid-configuration").json()
    assert found["token_endpoint"].startswith(str(issuer.base_url).rstrip("/"))
