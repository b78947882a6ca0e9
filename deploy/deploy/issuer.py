"""A token issuer for development: it signs whatever it is asked to, so that officers can be played without an identity
provider. Services only ever see its public key, over JWKS, as they would see a real provider's.

    python -m deploy.issuer FOLDER PORT [ADDRESS]
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.private_files import write_private

# Says what it is wherever it is shown: nobody should mistake such a token for a real one.
ISSUER = "kmzb-development-issuer"
AUDIENCE = "kmzb-casework"
KEY_ID = "development"


def private_key(folder: Path) -> ec.EllipticCurvePrivateKey:
    """The signing key of a stack, made the first time."""
    file = folder / "key.pem"
    if not file.exists():
        made = ec.generate_private_key(ec.SECP256R1())
        pem = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_private(file, pem.decode())
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def jwks(folder: Path) -> str:
    """The public key as a JSON Web Key Set."""
    key = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private_key(folder).public_key()))
    return json.dumps({"keys": [{**key, "kid": KEY_ID, "use": "sig", "alg": "ES256"}]})


def token(
    folder: Path,
    *,
    role: str,
    unit: str | None = None,
    garrison: str | None = None,
    subject: str = "officer",
    hours: float = 12,
) -> str:
    """A signed token for an officer of a role; unit and garrison as the role needs them."""
    now = datetime.now(UTC)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "role": role,
        "unit": unit,
        "garrison": garrison,
        "iat": now,
        "exp": now + timedelta(hours=hours),
    }
    present = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(present, private_key(folder), algorithm="ES256", headers={"kid": KEY_ID})


class _Keys(BaseHTTPRequestHandler):
    def __init__(self, body: bytes, *args: object) -> None:
        self.body = body
        super().__init__(*args)  # type: ignore[arg-type]  # the base class's own three, passed through

    def do_GET(self) -> None:
        found = self.path == "/jwks.json"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(self.body if found else b"{}")

    def log_message(self, *args: object) -> None:
        """Nobody reads who asked for a public key."""


def main() -> None:
    """Serve the public key until stopped."""
    arguments = sys.argv[1:]
    if len(arguments) not in (2, 3) or not arguments[1].isdigit():
        sys.exit(__doc__)
    folder, port = Path(arguments[0]), int(arguments[1])
    host = arguments[2] if len(arguments) > 2 else "127.0.0.1"
    server = ThreadingHTTPServer((host, port), partial(_Keys, jwks(folder).encode()))
    print(f"issuing development tokens as {ISSUER}: never for a real system", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
