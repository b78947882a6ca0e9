"""Who is let in: only whom the issuer's own key signed, with everything in the token that must be there."""

import base64
import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from casework.api.auth import TokenVerifier
from casework.domain.officers import Officer
from contracts.events.cases import Role
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi.testclient import TestClient
from support.casework.officers import AUDIENCE, ISSUER, KEY_ID, Issuer
from web.problems import Problem

CLAIMS = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "officer",
    "role": "headquarters",
    "exp": datetime(2100, 1, 1, tzinfo=UTC),
}


@pytest.fixture(scope="module")
def verifier(issuer: Issuer) -> TokenVerifier:
    return TokenVerifier(issuer.url, ISSUER, AUDIENCE)


def segment(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def refused(verifier: TokenVerifier, token: str) -> int:
    with pytest.raises(Problem) as problem:
        verifier.officer(token)
    return problem.value.status


def test_an_officer_is_who_the_token_says(verifier: TokenVerifier, issuer: Issuer) -> None:
    token = issuer.token("beat_officer", "KMP-1661", "OPO", sub="a", beat="B1")
    assert verifier.officer(token) == Officer("a", Role.BEAT_OFFICER, "OPO", "KMP-1661", "B1")


def test_a_token_without_a_signature_is_refused(verifier: TokenVerifier) -> None:
    claims = CLAIMS | {"exp": 4_000_000_000}
    for alg in ("none", "None", "NONE", ""):
        unsigned = f"{segment({'alg': alg, 'typ': 'JWT', 'kid': KEY_ID})}.{segment(claims)}."
        assert refused(verifier, unsigned) == 401


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(verifier: TokenVerifier, issuer: Issuer) -> None:
    public = issuer.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head = segment({"alg": "HS256", "typ": "JWT", "kid": KEY_ID})
    body = f"{head}.{segment(CLAIMS | {'exp': 4_000_000_000})}"
    signature = hmac.new(public, body.encode(), hashlib.sha256).digest()
    assert refused(verifier, f"{body}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}") == 401


@pytest.mark.parametrize("kid", [KEY_ID, "mine", None])
def test_a_key_that_the_token_brings_along_is_never_looked_at(verifier: TokenVerifier, kid: str | None) -> None:
    mine = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(mine.public_key()))
    headers = {"jwk": public, "jku": "http://127.0.0.1:1/keys"} | ({"kid": kid} if kid else {})
    assert refused(verifier, jwt.encode(CLAIMS, mine, algorithm="RS256", headers=headers)) == 401


def test_another_issuers_signature_under_the_same_key_id_is_refused(verifier: TokenVerifier) -> None:
    theirs = ec.generate_private_key(ec.SECP256R1())
    assert refused(verifier, jwt.encode(CLAIMS, theirs, algorithm="ES256", headers={"kid": KEY_ID})) == 401


def test_an_algorithm_that_is_not_pinned_is_refused(verifier: TokenVerifier, issuer: Issuer) -> None:
    for algorithm in ("RS512", "PS256"):
        assert refused(verifier, jwt.encode(CLAIMS, issuer.key, algorithm=algorithm, headers={"kid": KEY_ID})) == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another-service"},
        {"aud": None},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"exp": datetime.now(UTC) - timedelta(minutes=5)},
        {"exp": None},
        {"sub": None},
        {"nbf": datetime.now(UTC) + timedelta(hours=1)},
    ],
)
def test_a_token_for_somebody_else_or_another_time_is_refused(
    verifier: TokenVerifier, issuer: Issuer, changed: dict[str, Any]
) -> None:
    assert refused(verifier, issuer.token("headquarters", **changed)) == 401


@pytest.mark.parametrize(("claims", "seconds"), [(("iat", "nbf"), 30), (("exp",), -30)], ids=["fast", "slow"])
def test_a_clock_that_is_half_a_minute_off_is_borne(
    verifier: TokenVerifier, issuer: Issuer, claims: Sequence[str], seconds: float
) -> None:
    changed: dict[str, Any] = dict.fromkeys(claims, datetime.now(UTC) + timedelta(seconds=seconds))
    assert verifier.officer(issuer.token("headquarters", **changed)).role is Role.HEADQUARTERS


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": "soon"},
        {"exp": "9" * 400},
        {"exp": 1e308},
        {"exp": 10**400},
        {"exp": [1]},
        {"exp": True},
        {"exp": -1},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"nbf": "now"},
        {"nbf": 10**400},
        {"nbf": 1e308},
        {"nbf": {}},
        {"iat": "yesterday"},
        {"iat": 1e308},
        {"iat": float("nan")},
        {"aud": ["somebody", "else"]},
        {"aud": []},
        {"aud": {"kmzb-casework": 1}},
        {"aud": 7},
        {"aud": [None]},
        {"sub": None},
        {"sub": 7},
        {"sub": ""},
        {"sub": ["officer"]},
        *({name: "a\0b"} for name in ("sub", "role", "unit", "garrison", "beat", "iss", "aud")),
        {"role": "\ud800"},
        {"unit": "x" * 300},
    ],
    ids=repr,
)
def test_claims_no_issuer_writes_are_refused(verifier: TokenVerifier, issuer: Issuer, claims: dict[str, Any]) -> None:
    usual = {"role": "coordinator", "unit": "KMP-1661", "garrison": "OPO"}
    assert refused(verifier, issuer.token(**{**usual, **claims})) == 401


@pytest.mark.parametrize("kid", ["../../etc/passwd", "", "a\0b", "\ud800", "x" * 4000, None, 7, ["test-key"], {}])
@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "", None, 7, ["RS256"]])
def test_a_key_or_algorithm_the_token_chooses_is_no_reason_to_believe_it(
    verifier: TokenVerifier, issuer: Issuer, kid: object, algorithm: object
) -> None:
    whole = issuer.token("headquarters").split(".")
    header = urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": kid, "typ": "JWT"}).encode()).decode().rstrip("=")
    for signature in (whole[2], ""):
        assert refused(verifier, f"{header}.{whole[1]}.{signature}") == 401


@pytest.mark.parametrize("aud", [["kmzb-casework"], ["other", "kmzb-casework"]])
def test_an_audience_may_be_one_of_several(verifier: TokenVerifier, issuer: Issuer, aud: list[str]) -> None:
    assert verifier.officer(issuer.token("headquarters", aud=aud)).role == "headquarters"


@pytest.mark.parametrize("broken", ["", "x", "a.b.c", "a" * 5000, "ąę.ó.ł", "e30.e30.e30"])
def test_what_is_no_token_is_refused(verifier: TokenVerifier, broken: str) -> None:
    assert refused(verifier, broken) == 401


@pytest.mark.parametrize(
    ("role", "unit", "garrison"),
    [
        (None, None, None),
        ("system", "KMP-1661", "OPO"),
        ("agency", "KMP-1661", "OPO"),
        ("root", None, None),
        ("coordinator", None, "OPO"),
        ("beat_officer", "", "OPO"),
        ("garrison", "KMP-1661", None),
        ("coordinator", 5, "OPO"),
        (["headquarters"], None, None),
    ],
)
def test_a_token_without_a_role_and_its_place_gives_no_access(
    verifier: TokenVerifier, issuer: Issuer, role: Any, unit: Any, garrison: Any
) -> None:
    assert refused(verifier, issuer.token(role, unit, garrison, sub="a")) == 403


def test_without_the_issuers_keys_nobody_is_let_in(issuer: Issuer) -> None:
    away = TokenVerifier("http://127.0.0.1:9/jwks.json", ISSUER, AUDIENCE)
    assert refused(away, issuer.token("headquarters")) == 503


def test_requests_without_a_believable_token_get_401_on_every_route(client: TestClient) -> None:
    routes = client.get("/openapi.json").json()["paths"]
    asked = [(path, method) for path, methods in routes.items() if path.startswith("/v1/") for method in methods]
    assert len(asked) == 33
    for path, method in asked:
        url = path.replace("{report_id}", "00000000-0000-0000-0000-000000000001")
        for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic eDp5"}):
            answer = client.request(method, url, headers=headers | {"If-Match": '"1"'}, json={})
            assert answer.status_code == 401, (path, method, answer.text)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.headers["content-type"] == "application/problem+json"
