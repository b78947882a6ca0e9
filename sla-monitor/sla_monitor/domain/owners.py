"""Owners as rows hold them: JSON, and nothing at all for headquarters."""

from functools import lru_cache

import msgspec
from contracts.base import HEADQUARTERS, Owner


def owner_as_json(owner: Owner) -> str | None:
    """The owner's JSON, or None for headquarters, who answers while nobody else is known to."""
    return None if owner == HEADQUARTERS else msgspec.json.encode(owner).decode()


@lru_cache(maxsize=10_000)
def owner_from_json(raw: str | None) -> Owner:
    """The owner in a row; the same few thousand come again and again."""
    return HEADQUARTERS if raw is None else msgspec.json.decode(raw, type=Owner)
