"""What the development issuer has granted: codes that are good once, for a minute, to whoever holds their verifier."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from deploy.issuer import token

CLIENT_ID = "kmzb-desk"
CODE_SECONDS = 60
TOKEN_HOURS = 0.25
"""So short that a desk left open has to renew its token, as with a real provider."""
# As for programs on one's own machine (RFC 8252, 7.3): loopback, whichever port. The desk is the one page that asks.
_REDIRECT = re.compile(r"http://(127\.0\.0\.1|localhost)(:\d{1,5})?/desk")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_STATE = re.compile(r"[A-Za-z0-9._~-]{1,200}")


class Rejected(Exception):
    """What is not granted, as OAuth names it (RFC 6749, 5.2); the text says why."""

    def __init__(self, error: str, why: str) -> None:
        super().__init__(why)
        self.error = error


@dataclass(frozen=True, slots=True)
class Officer:
    """Who signs in."""

    subject: str
    role: str
    garrison: str | None
    unit: str | None
    beat: str | None


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a browser comes to /authorize with."""

    redirect_uri: str
    challenge: str
    state: str

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "AuthorizationRequest":
        """The request in parameters. Raises Rejected for all but a code with PKCE (S256), for the desk on loopback."""
        expected = {"client_id": CLIENT_ID, "response_type": "code", "code_challenge_method": "S256"}
        for name, value in expected.items():
            if asked.get(name) != value:
                raise Rejected("invalid_request", f"{name} must be {value}")
        patterns = {"redirect_uri": _REDIRECT, "code_challenge": _CHALLENGE, "state": _STATE}
        for name, pattern in patterns.items():
            if not pattern.fullmatch(asked.get(name, "")):
                raise Rejected("invalid_request", f"{name} is not one that is taken here")
        return cls(asked["redirect_uri"], asked["code_challenge"], asked["state"])

    @property
    def parameters(self) -> dict[str, str]:
        """The request in parameters again."""
        return {
            "client_id": CLIENT_ID,
            "response_type": "code",
            "code_challenge_method": "S256",
            "redirect_uri": self.redirect_uri,
            "code_challenge": self.challenge,
            "state": self.state,
        }


class Grants:
    """Codes and refresh tokens, in memory: both are good once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._codes: dict[str, tuple[AuthorizationRequest, Officer, float]] = {}
        self._refresh: dict[str, Officer] = {}

    def code(self, request: AuthorizationRequest, officer: Officer) -> str:
        """A code for a request that is granted."""
        code = secrets.token_urlsafe(32)
        self._codes[code] = (request, officer, monotonic() + CODE_SECONDS)
        return code

    def tokens(self, form: Mapping[str, str]) -> dict[str, object]:
        """The answer to a request for tokens. Raises Rejected."""
        if form.get("client_id") != CLIENT_ID:
            raise Rejected("invalid_client", f"client_id must be {CLIENT_ID}")
        match form.get("grant_type"):
            case "authorization_code":
                officer = self._of_code(form)
            case "refresh_token":
                known = self._refresh.pop(form.get("refresh_token", ""), None)
                if known is None:
                    raise Rejected("invalid_grant", "the refresh token is not one, or was used")
                officer = known
            case _:
                raise Rejected("unsupported_grant_type", "authorization_code and refresh_token are")
        renewal = secrets.token_urlsafe(32)
        self._refresh[renewal] = officer
        return {
            "access_token": token(
                self._folder,
                role=officer.role,
                garrison=officer.garrison,
                unit=officer.unit,
                beat=officer.beat,
                subject=officer.subject,
                hours=TOKEN_HOURS,
            ),
            "token_type": "Bearer",
            "expires_in": int(TOKEN_HOURS * 3600),
            "refresh_token": renewal,
        }

    def _of_code(self, form: Mapping[str, str]) -> Officer:
        # Taken out first: a code that was tried, with the right verifier or not, is good no more.
        request, officer, until = self._codes.pop(form.get("code", ""), (None, None, 0.0))
        if request is None or officer is None or monotonic() > until:
            raise Rejected("invalid_grant", "the code is not one, was used, or is older than a minute")
        if form.get("redirect_uri") != request.redirect_uri:
            raise Rejected("invalid_grant", "the redirect_uri is another than the code was given for")
        verifier = form.get("code_verifier", "")
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(challenge, request.challenge):
            raise Rejected("invalid_grant", "the code_verifier does not fit")
        return officer
