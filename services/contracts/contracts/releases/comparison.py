"""What breaks between two JSON Schemas of one thing, an earlier release's and today's.

Two readers have to go on: one of the earlier release, in front of messages written now; and today's, in front of
messages of the earlier release, which the log keeps for ever.

| change | reader of then, message of now | reader of today, message of then | |
|---|---|---|---|
| field added that may be left out | ignores it | has the default | growth |
| value added to an enumeration | reads the base of the topic, or holds (docs/decisions/0040) | - | growth |
| field added that is required, or made required | - | misses it | break |
| field no longer required | misses it | - | break |
| field gone | misses it, or has the default where there was more | - | break |
| default changed | takes it for another | takes it for another | break |
| value gone from an enumeration | - | refuses it | break |
| type added to a union, null among them | refuses it | - | break |
| type gone from a union | - | refuses it | break |
| bound moved outwards or gone | refuses what lies between | - | break |
| bound moved inwards or added | - | refuses what lies between | break |
| anything else, as format, pattern, multiple | may refuse | may refuse | break |

Titles and descriptions mean nothing to a reader. Definitions are followed: how they are called means nothing either.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

Schema = dict[str, Any]

THEN = "a reader of then stumbles over what is written now"
TODAY = "a reader of today stumbles over what was written then"
_LOWER = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_UPPER = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
_ANNOTATIONS = {"title", "description", "examples", "$comment"}
_APART = {"type", "enum", "properties", "required", "items", "prefixItems", "$ref", "anyOf"}


def without_annotations(schema: Any) -> Any:
    """A schema, or a part of one, without what means nothing to a reader."""
    if isinstance(schema, list):
        return [without_annotations(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    named = {"properties", "$defs"}  # below these the names are fields' and definitions', not words of JSON Schema
    return {
        word: {name: without_annotations(part) for name, part in below.items()}
        if word in named
        else below
        if word in ("default", "enum", "const")
        else without_annotations(below)
        for word, below in schema.items()
        if word not in _ANNOTATIONS
    }


@dataclass(frozen=True)
class Comparison:
    """Compares schemas of then with those of now. The definitions are what `#/$defs/…` refers to in either."""

    then_definitions: Schema
    now_definitions: Schema
    _under_way: frozenset[tuple[Any, Any]] = frozenset()

    def breaks(self, where: str, then: Schema, now: Schema) -> Iterator[str]:
        """Each change that breaks a reader: where it is, what it is, and whom it breaks."""
        old, new = _alternatives(then, self.then_definitions), _alternatives(now, self.now_definitions)
        for kind in old.keys() - new.keys():
            yield f"{where} is no longer {kind}: {TODAY}"
        for kind in new.keys() - old.keys():
            yield f"{where} may be {kind}: {THEN}"
        for kind in sorted(old.keys() & new.keys()):
            refs = old[kind].get("$ref"), new[kind].get("$ref")
            if refs not in self._under_way:  # a definition that refers to itself
                under_way = self._under_way | ({refs} if all(refs) else set())
                yield from replace(self, _under_way=under_way)._of_one_kind(where, old[kind], new[kind])
        if "default" in then and "default" in now and then["default"] != now["default"]:
            yield f"{where} is {now['default']!r} unless said, was {then['default']!r}: {THEN}"

    def _of_one_kind(self, where: str, then: Schema, now: Schema) -> Iterator[str]:
        yield from (f"{where}: the value {value!r} is gone: {TODAY}" for value in _missing(then, now, "enum"))
        yield from self._fields(where, then, now)
        yield from self._items(where, then, now)
        for word in sorted((then.keys() | now.keys()) - _APART - _ANNOTATIONS - {"default"}):
            was, is_now = then.get(word), now.get(word)
            if was == is_now:
                continue
            if isinstance(was, dict) and isinstance(is_now, dict):
                yield from self.breaks(f"{where}.{word}", was, is_now)
            else:
                yield f"{where}: {word} was {was!r}, is {is_now!r}: {_stumbling(word, was, is_now)}"

    def _fields(self, where: str, then: Schema, now: Schema) -> Iterator[str]:
        old, new = then.get("properties", {}), now.get("properties", {})
        for name in old:
            if name in new:
                yield from self.breaks(f"{where}.{name}", old[name], new[name])
            else:
                yield f"{where}.{name} is gone: {THEN}"
        for name in _missing(now, then, "required"):
            yield f"{where}.{name} became required: {TODAY}"
        for name in _missing(then, now, "required"):
            if name in new:
                yield f"{where}.{name} is no longer required: {THEN}"

    def _items(self, where: str, then: Schema, now: Schema) -> Iterator[str]:
        old, new = then.get("items"), now.get("items")
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self.breaks(f"{where}[]", old, new)
        elif old != new:
            yield f"{where}[] was {old!r}, is {new!r}: {THEN}"
        items = zip_longest(then.get("prefixItems", ()), now.get("prefixItems", ()))
        for number, (was, is_now) in enumerate(items):
            if was is None or is_now is None:
                yield f"{where} has another length: {THEN if was is None else TODAY}"
            else:
                yield from self.breaks(f"{where}[{number}]", was, is_now)


def _alternatives(schema: Schema, definitions: Schema) -> dict[str, Schema]:
    """What a value may be, by kind: its JSON type or an enumeration. Several of one kind are told apart by number."""
    found: dict[str, Schema] = {}
    for part in schema.get("anyOf", [schema]):
        resolved = {**definitions[part["$ref"].rpartition("/")[2]], **part} if "$ref" in part else part
        if "anyOf" in resolved and resolved is not schema:
            found |= _alternatives(resolved, definitions)
            continue
        kind = "an enumeration" if "enum" in resolved else str(resolved.get("type", "anything"))
        number = sum(known.split(" #")[0] == kind for known in found)
        found[f"{kind} #{number + 1}" if number else kind] = resolved
    return found


def _missing(having: Schema, lacking: Schema, word: str) -> list[Any]:
    return [value for value in having.get(word, ()) if value not in lacking.get(word, ())]


def _stumbling(word: str, was: Any, is_now: Any) -> str:
    """Who stumbles over a keyword that changed: whoever's bound is the narrower one; over anything else, both."""
    if word in _LOWER | _UPPER:
        narrower_now = was is None or (is_now is not None and (is_now > was) == (word in _LOWER))
        return TODAY if narrower_now else THEN
    return f"{THEN}, or {TODAY}"
