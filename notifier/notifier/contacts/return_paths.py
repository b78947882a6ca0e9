"""The return path of a delivery: an address by which what comes back says what it was (VERP), and proves it."""

import hashlib
import hmac
import re
from base64 import b32decode, b32encode
from uuid import UUID

# Sixteen bytes of a delivery's id and eight that prove it; mail servers may write letters large or small.
LONGEST_LOCAL = 24
"""Characters of the address that bounces go to, before its @: a local part has 64 at most (RFC 5321), 40 are ours."""
_MARKED = re.compile(r"\+([a-z2-7]{39})@", re.IGNORECASE)


def return_path(bounces_to: str, key: bytes, delivery_id: UUID) -> str:
    """`bounces+…@…`, a subaddress (RFC 5233) of where bounces go."""
    local, _, domain = bounces_to.rpartition("@")
    marked = b32encode(delivery_id.bytes + _proof(key, delivery_id)).decode().rstrip("=").lower()
    return f"{local}+{marked}@{domain}"


def delivery_of(address: str, key: bytes) -> UUID | None:
    """The delivery whose return path an address is; None for what we did not make: anyone can write to a mailbox."""
    found = _MARKED.search(address)
    if found is None:
        return None
    marked = b32decode(f"{found[1].upper()}=")
    delivery_id = UUID(bytes=marked[:16])
    return delivery_id if hmac.compare_digest(marked[16:], _proof(key, delivery_id)) else None


def _proof(key: bytes, delivery_id: UUID) -> bytes:
    return hmac.digest(key, b"bounce/" + delivery_id.bytes, hashlib.sha256)[:8]
