"""Chains of hashes: each covers a record, byte by byte, and the hash before. Whoever changes, adds or takes away one
has to change all that follow, and what was told elsewhere meanwhile.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

ANCHORS = "anchors"
"""The name of the chain that tells how far the others have come."""


@dataclass(frozen=True, slots=True)
class Link:
    """A record in a chain, and the hash that stands beside it."""

    number: int
    record: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain had come: so many records, the last with this hash."""

    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """A link of a chain, if it has any, beside what is kept of how far the chain came, if that is known."""

    chain: str
    link: Link | None
    head: Head | None


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain is not whole: at which record, and what is wrong there."""

    chain: str
    number: int
    what: str


def link_hash(before: bytes, record: str) -> bytes:
    """The hash of a record that follows the one with the hash `before`; before the first, that is empty."""
    return hashlib.sha256(before + record.encode()).digest()


def chain_breaks(rows: Iterable[Row]) -> Iterator[Break]:
    """The first break of each chain that is not whole. `rows` come by chain and number."""
    for chain, of_chain in groupby(rows, key=lambda row: row.chain):
        if (broken := _first_break(chain, of_chain)) is not None:
            yield broken


def anchored_heads(record: str) -> dict[str, Head]:
    """How far each chain had come that an anchor tells of. Raises ValueError for a record that is no anchor's."""
    try:
        heads = json.loads(record)["heads"]
        return {chain: Head(number, bytes.fromhex(digest)) for chain, (number, digest) in heads.items()}
    except (KeyError, TypeError, AttributeError) as odd:
        raise ValueError("no anchor") from odd


def _first_break(chain: str, rows: Iterable[Row]) -> Break | None:
    reached, broken = Head(0, b""), None
    head: Head | None = None
    for row in rows:  # to the end, also of a broken one: the next chain begins after it
        head = row.head
        if row.link and not broken:
            broken = _broken(chain, row.link, reached)
            reached = Head(row.link.number, row.link.hash)
    if broken or head == reached:
        return broken
    if head is None:
        return Break(chain, reached.number, "its head is gone")
    if head.number == reached.number:
        return Break(chain, reached.number, "its head has another hash")
    return Break(chain, reached.number, f"is the last, but its head says {head.number}")


def _broken(chain: str, link: Link, before: Head) -> Break | None:
    if link.number != before.number + 1:
        return Break(chain, before.number + 1, f"is not there: {link.number} follows")
    if link.hash != link_hash(before.hash, link.record):
        return Break(chain, link.number, "is not as it was recorded, or what stood before it is not")
    if not _belongs(chain, link):
        return Break(chain, link.number, "is a record of another place")
    return None


def _belongs(chain: str, link: Link) -> bool:
    try:
        said = json.loads(link.record)
        return bool(said["number"] == link.number and (chain == ANCHORS or said["chain"] == chain))
    except (ValueError, KeyError, TypeError):
        return False
