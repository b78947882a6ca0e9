"""A mailbox as it is known where no address may stand."""

import hashlib
import hmac

from contracts.addresses import EmailAddress


def mailbox_key(address: EmailAddress, secret: bytes) -> bytes:
    """A keyed hash of the mailbox: of all ways to write it that mail systems take for one (case, dots, a `+tag`)."""
    local, _, domain = address.lower().rpartition("@")
    name = local.partition("+")[0].replace(".", "") or local
    return hmac.digest(secret, f"mailbox/{name}@{domain}".encode(), hashlib.sha256)
