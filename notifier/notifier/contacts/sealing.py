"""The sealed contact: decrypted in memory, only to write to it."""

import re
from base64 import b64decode
from binascii import Error as NotBase64

import msgspec
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

# What can stand in a header and an SMTP command as it is; quoted local parts are not worth their dangers.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class _Contact(msgspec.Struct):
    email: str


def parse_private_key(text: str) -> PrivateKey:
    """An X25519 key from base64. Raises ValueError."""
    raw = b64decode(text, validate=True)
    if len(raw) != PrivateKey.SIZE:
        raise ValueError(f"not {PrivateKey.SIZE} bytes in base64")
    return PrivateKey(raw)


def decrypt_address(sealed: str, key: PrivateKey) -> str | None:
    """The address in a sealed contact, its domain in ASCII; None when the key does not fit or it is no usable address.

    `sealed` is as `contracts.events.reports.ReportContact` has it.
    """
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
