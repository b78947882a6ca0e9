"""The sealed contact: decrypted in memory, only to write to it."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64

import msgspec
from contracts.addresses import EmailAddress, email_address
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox


class _Contact(msgspec.Struct):
    email: str


def parse_private_key(text: str) -> PrivateKey:
    """An X25519 key from base64. Raises ValueError."""
    raw = b64decode(text, validate=True)
    if len(raw) != PrivateKey.SIZE:
        raise ValueError(f"not {PrivateKey.SIZE} bytes in base64")
    return PrivateKey(raw)


def seal_address(address: EmailAddress, key: PrivateKey) -> str:
    """An address so that only the holder of the key reads it, as `decrypt_address` takes it."""
    contact = msgspec.json.encode(_Contact(address))
    return b64encode(SealedBox(key.public_key).encrypt(contact)).decode()


def decrypt_address(sealed: str, key: PrivateKey) -> EmailAddress | None:
    """The address in a sealed contact; None when the key does not fit or it is no usable address.

    `sealed` is as `contracts.events.reports.ReportContact` has it.
    """
    try:
        contact = msgspec.json.decode(SealedBox(key).decrypt(b64decode(sealed, validate=True)), type=_Contact)
        return email_address(contact.email)
    except (CryptoError, NotBase64, msgspec.MsgspecError, UnicodeDecodeError, TypeError, ValueError):
        return None
