"""Whom this machine trusts, for mail servers and webhooks alike."""

import ssl
from functools import cache


@cache
def trusted_authorities() -> ssl.SSLContext:
    """The authorities this machine trusts, read once: reading them takes longer than sending a mail."""
    return ssl.create_default_context()
