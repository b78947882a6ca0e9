"""Who is asking: the officer in a bearer token, checked against the issuer's published keys. In doubt, nobody."""

from datetime import timedelta
from typing import Any

import jwt
from contracts.events.cases import Role
from contracts.values.instants import LATEST
from web.guard import unauthorised
from web.problems import Problem

from casework.domain.officers import SCOPES, Officer, Scope

# Pinned: what a token says of itself is no reason to believe it. No symmetric one may ever stand here, because a
# public key would then do to sign with.
_ALGORITHMS = ["RS256", "ES256"]
_OURS = ("sub", "role", "garrison", "unit", "beat")
_TIMES = ("exp", "nbf", "iat")
_LONGEST_CLAIM = 255


class TokenVerifier:
    """Believes tokens the issuer signed. Keys are fetched when first needed, kept five minutes, renewed at most every
    30 s.
    """

    def __init__(self, jwks_url: str, issuer: str, audience: str, leeway: timedelta = timedelta(seconds=60)) -> None:
        self._keys = jwt.PyJWKClient(jwks_url, timeout=5, lifespan=300, cooldown_duration=30)
        self._issuer, self._audience, self._leeway = issuer, audience, leeway

    def officer(self, token: str) -> Officer:
        """The officer a token names.

        Raises Problem: 401 for a token we don't believe, 403 for one without a role here, 503 while the keys can't be
        had.
        """
        try:
            # By its `kid`, among the issuer's keys only: a key inside the token is never looked at.
            key = self._keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                issuer=self._issuer,
                audience=self._audience,
                leeway=self._leeway,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWKClientConnectionError as away:
            raise Problem(
                503, "Keys not available", "The issuer's keys can't be fetched; repeat.", {"Retry-After": "5"}
            ) from away
        except jwt.PyJWTError as wrong:
            raise unauthorised(f"The token is not accepted: {type(wrong).__name__}") from wrong
        except (ValueError, TypeError, OverflowError, RecursionError, AttributeError) as odd:
            # What no issuer writes, and the library does not look for: an expiry beyond all numbers, say.
            raise unauthorised("The token is not accepted: it is malformed.") from odd
        return _officer(claims)


def _is_plain(claim: str) -> bool:
    """Could it be stored and shown? NUL and halves of surrogate pairs can't, and nobody is called a novel."""
    return len(claim) <= _LONGEST_CLAIM and claim.isprintable()


def _is_moment(claim: Any) -> bool:
    """Is it a time as RFC 7519 has it, within ours? A token that never expires is one nobody can take back."""
    return isinstance(claim, int | float) and not isinstance(claim, bool) and 0 <= claim < LATEST.timestamp()


def _officer(claims: dict[str, Any]) -> Officer:
    if not all(_is_moment(claims[name]) for name in _TIMES if name in claims):
        raise unauthorised("The token is not accepted: a time is none.")
    if not all(_is_plain(claims[name]) for name in _OURS if isinstance(claims.get(name), str)) or not claims["sub"]:
        raise unauthorised("The token is not accepted: a claim is no code.")
    garrison, unit, beat = (claims.get(name) for name in ("garrison", "unit", "beat"))
    role = claims.get("role")
    if role not in [str(known) for known in SCOPES]:
        raise Problem(403, "No role", "The token names no role of casework.")
    if not all(value is None or (isinstance(value, str) and value) for value in (garrison, unit, beat)):
        raise Problem(403, "No place", "The token's garrison, unit and beat must be codes.")
    officer = Officer(claims["sub"], Role(role), garrison, unit, beat)
    scope = SCOPES[officer.role]
    needed = {Scope.UNIT: {"garrison": garrison, "unit": unit}, Scope.GARRISON: {"garrison": garrison}}
    for name, code in needed.get(scope, {}).items():
        if code is None:
            raise Problem(403, "No place", f"The token of a {role} must name the {name}.")
    return officer
