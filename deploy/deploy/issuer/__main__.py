"""The development issuer as a server: its public key, and the sign-in of a browser.

python -m deploy.issuer FOLDER PORT [ADDRESS]
"""

import json
import re
import sys
from collections.abc import Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from deploy.issuer import ISSUER, jwks
from deploy.issuer.grants import AuthorizationRequest, Grants, Rejected
from deploy.issuer.page import HEADERS, chosen_officer, page

# Pages elsewhere could otherwise have a browser ask here under a name of theirs (DNS rebinding).
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")
_LONGEST_BODY = 10_000
_ANYBODY = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}


class _Issuer(BaseHTTPRequestHandler):
    def __init__(self, keys: str, grants: Grants, *args: object) -> None:
        self.keys, self.grants = keys, grants
        super().__init__(*args)  # type: ignore[arg-type]  # the base class's own three, passed through

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/jwks.json":
            return self._json(200, self.keys)
        if not _LOOPBACK.fullmatch(self.headers.get("Host", "")):
            return self._json(400, '{"error": "invalid_request", "error_description": "ask on loopback"}')
        if address.path == "/.well-known/openid-configuration":
            return self._json(200, json.dumps(configuration(f"http://{self.headers['Host']}")))
        if address.path == "/authorize":
            return self._authorize(dict(parse_qsl(address.query)), None)
        return self._json(404, "{}")

    def do_OPTIONS(self) -> None:
        """A browser asks so before it sends headers of its own (CORS)."""
        allowed = {"Access-Control-Allow-Headers": "*", "Access-Control-Allow-Methods": "GET, POST"}
        self._send(204, "", {**_ANYBODY, **allowed})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > _LONGEST_BODY:
            return self._json(400, '{"error": "invalid_request"}')
        form = dict(parse_qsl(self.rfile.read(int(length)).decode()))
        if not _LOOPBACK.fullmatch(self.headers.get("Host", "")):
            return self._json(400, '{"error": "invalid_request", "error_description": "ask on loopback"}')
        if self.path == "/token":
            try:
                return self._json(200, json.dumps(self.grants.tokens(form)))
            except Rejected as why:
                return self._json(400, json.dumps({"error": why.error, "error_description": str(why)}))
        if self.path == "/authorize":
            return self._authorize(form, form)
        return self._json(404, "{}")

    def _authorize(self, asked: Mapping[str, str], form: Mapping[str, str] | None) -> None:
        try:
            request = AuthorizationRequest.of(asked)
        except Rejected as why:  # nobody is sent back to an address that may be anyone's
            return self._page(400, page(None, str(why)))
        if form is None:
            return self._page(200, page(request))
        try:
            officer = chosen_officer(form)
        except Rejected as why:
            return self._page(400, page(request, str(why)))
        answer = urlencode({"code": self.grants.code(request, officer), "state": request.state, "iss": ISSUER})
        self.send_response(303)
        self.send_header("Location", f"{request.redirect_uri}?{answer}")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def _page(self, status: int, html: str) -> None:
        self._send(status, html, {"Content-Type": "text/html; charset=utf-8", **HEADERS})

    def _json(self, status: int, body: str) -> None:
        self._send(status, body, {"Content-Type": "application/json", **_ANYBODY})

    def _send(self, status: int, body: str, headers: Mapping[str, str]) -> None:
        encoded = body.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, *args: object) -> None:
        """Nobody reads who signed in to play an officer."""


def configuration(url: str) -> dict[str, object]:
    """The issuer's OpenID configuration, as it is found at `url`."""
    return {
        "issuer": ISSUER,
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/token",
        "jwks_uri": f"{url}/jwks.json",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }


def main() -> None:
    """Serve until stopped."""
    arguments = sys.argv[1:]
    if len(arguments) not in (2, 3) or not arguments[1].isdigit():
        sys.exit(__doc__)
    folder, port = Path(arguments[0]), int(arguments[1])
    host = arguments[2] if len(arguments) > 2 else "127.0.0.1"
    server = ThreadingHTTPServer((host, port), partial(_Issuer, jwks(folder), Grants(folder)))
    print(f"issuing development tokens as {ISSUER}: never for a real system", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
