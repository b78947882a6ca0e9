"""Entity tags as RFC 9110 (8.8.3, 13.1) writes and compares them."""

import re
from dataclasses import dataclass

_TAG = r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"'
_ONE = re.compile(_TAG)
_LIST = re.compile(rf"[ \t,]*{_TAG}(?:[ \t]*,(?:[ \t]*{_TAG})?)*[ \t]*")


@dataclass(frozen=True, slots=True)
class EntityTags:
    """The tags of an If-Match or If-None-Match; `any` is its asterisk."""

    strong: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()
    any: bool = False

    def has(self, etag: str) -> bool:
        """Weak comparison with an ETag, as If-None-Match asks for."""
        return self.any or etag.removeprefix("W/").strip('"') in self.strong | self.weak


def entity_tags(text: str) -> EntityTags:
    """The tags in a header's value. Raises ValueError where it is none of this grammar."""
    if text.strip(" \t") == "*":
        return EntityTags(any=True)
    # The bound keeps the pattern's work linear in practice; no list of versions comes near it.
    if len(text) > 4096 or not _LIST.fullmatch(text):
        raise ValueError("no list of entity tags")
    found = _ONE.findall(text)
    return EntityTags(
        frozenset(opaque for weak, opaque in found if not weak), frozenset(opaque for weak, opaque in found if weak)
    )
