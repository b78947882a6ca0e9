"""The citizen's contact: opened only to write to it, and the links that carry a yes or a no back."""

import hashlib
import hmac
import re
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from uuid import UUID

import msgspec
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

_SIGNATURE_BYTES = 16
# What can stand in a header and an SMTP command as it is; quoted local parts are not worth their dangers.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class _Contact(msgspec.Struct):
    email: str


def private_key(text: str) -> PrivateKey:
    """From base64. Raises ValueError."""
    raw = b64decode(text, validate=True)
    if len(raw) != PrivateKey.SIZE:
        raise ValueError(f"not {PrivateKey.SIZE} bytes in base64")
    return PrivateKey(raw)


def opened(sealed: str, key: PrivateKey) -> str | None:
    """The address in a sealed contact; None when it cannot be opened with this key or has none that is usable."""
    try:
        address = msgspec.json.decode(SealedBox(key).decrypt(b64decode(sealed, validate=True)), type=_Contact).email
    except (CryptoError, NotBase64, msgspec.MsgspecError, UnicodeDecodeError, TypeError, ValueError):
        return None
    local, _, domain = address.rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return None
    return plain if _ADDRESS.fullmatch(plain) else None


def token(report_id: UUID, secret: bytes) -> str:
    """What stands in the links of one report's citizen: it names the report and proves that we wrote it."""
    return urlsafe_b64encode(report_id.bytes + _proof(report_id, secret)).decode().rstrip("=")


def report_of(text: str, secret: bytes) -> UUID | None:
    """The report a token is for, or None when we did not write it."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (NotBase64, UnicodeEncodeError):
        return None
    if len(raw) != 16 + _SIGNATURE_BYTES:
        return None
    report_id = UUID(bytes=raw[:16])
    return report_id if hmac.compare_digest(raw[16:], _proof(report_id, secret)) else None


def _proof(report_id: UUID, secret: bytes) -> bytes:
    return hmac.digest(secret, b"contact/" + report_id.bytes, hashlib.sha256)[:_SIGNATURE_BYTES]
