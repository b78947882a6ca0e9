"""A token issuer for development: it signs whatever it is asked to, so that officers can be played without an identity
provider. Services only ever see its public key, over JWKS, as they would see a real provider's; a browser signs in at
it as it would there (OpenID Connect: authorization code with PKCE).
"""

import json
from datetime import UTC, datetime, timedelta
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
    beat: str | None = None,
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
        "beat": beat,
        "iat": now,
        "exp": now + timedelta(hours=hours),
    }
    present = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(present, private_key(folder), algorithm="ES256", headers={"kid": KEY_ID})
