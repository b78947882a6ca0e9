"""The gate between releases: each kind of break is refused and says who stumbles, each kind of growth passes."""

import json
from datetime import date, datetime
from enum import Enum
from types import GenericAlias
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from contracts.releases.comparison import THEN, TODAY, Comparison, without_annotations
from msgspec import Meta

Status = Enum("Status", {"NEW": "new", "OLD": "old"})
FewerStatuses = Enum("FewerStatuses", {"NEW": "new"})
MoreStatuses = Enum("MoreStatuses", {"NEW": "new", "OLD": "old", "ODD": "odd"})
Short = Annotated[str, Meta(max_length=5)]


def struct(*fields: tuple[Any, ...], name: str = "Event", **options: Any) -> Any:
    return msgspec.defstruct(name, fields, kw_only=True, **options)


def found(then: Any, now: Any) -> list[str]:
    """What the gate says of a struct that became another."""
    [was], were = json.loads(json.dumps(msgspec.json.schema_components([then])))
    [is_now], are = json.loads(json.dumps(msgspec.json.schema_components([now])))
    return list(Comparison(were, are).breaks("Event", was, is_now))


def of(kind: Any, *default: Any) -> Any:
    return struct(("field", kind, *default))


OWNER = struct(("unit", str), ("name", Short), name="Owner")
SHORTER = struct(("unit", str), ("name", Annotated[str, Meta(max_length=4)]), name="Owner")
LONGER = struct(("unit", str), ("name", str), name="Owner")
RENAMED = struct(("unit", str), ("name", Short), name="Responsible")


def many(kind: Any) -> Any:
    return GenericAlias(tuple, (kind, ...))


def bound(**limit: Any) -> Any:
    return of(Annotated[int, Meta(**limit)])


def length(**limit: Any) -> Any:
    return of(Annotated[tuple[int, ...], Meta(**limit)])


@pytest.mark.parametrize(
    ("then", "now", "reader"),
    [
        pytest.param(struct(("a", int), ("b", int, 0)), struct(("a", int)), THEN, id="an optional field is gone"),
        pytest.param(struct(("a", int), ("b", int)), struct(("a", int)), THEN, id="a required field is gone"),
        pytest.param(struct(("a", int)), struct(("a", int), ("b", int)), TODAY, id="a required field is new"),
        pytest.param(of(int, 0), of(int), TODAY, id="a field became required"),
        pytest.param(of(int), of(int, 0), THEN, id="a field is no longer required"),
        pytest.param(of(int, 0), of(int, 1), THEN, id="another default"),
        pytest.param(of(int), of(str), THEN, id="another type"),
        pytest.param(of(int), of(float), THEN, id="a wider type"),
        pytest.param(of(float), of(int), TODAY, id="a narrower type"),
        pytest.param(of(tuple[int, ...]), of(tuple[str, ...]), THEN, id="other items"),
        pytest.param(of(list[tuple[Short, ...]]), of(list[tuple[str, ...]]), THEN, id="other items of items"),
        pytest.param(of(dict[str, int]), of(dict[str, str]), TODAY, id="other values of a mapping"),
        pytest.param(of(tuple[int, str]), of(tuple[int, int]), TODAY, id="another item at one place"),
        pytest.param(of(tuple[int, str]), of(tuple[int]), TODAY, id="a shorter tuple"),
        pytest.param(of(tuple[int]), of(tuple[int, str]), THEN, id="a longer tuple"),
        pytest.param(of(Literal["a", "b"]), of(Literal["a"]), TODAY, id="a value gone from an inline enumeration"),
        pytest.param(of(Status), of(FewerStatuses), TODAY, id="a value gone from an enumeration"),
        pytest.param(of(Status | None), of(FewerStatuses | None), TODAY, id="a value gone from one that may be null"),
        pytest.param(of(tuple[Status, ...]), of(tuple[FewerStatuses, ...]), TODAY, id="a value gone from items"),
        pytest.param(of(Status), of(str), THEN, id="an enumeration became any text"),
        pytest.param(of(str), of(Status), TODAY, id="any text became an enumeration"),
        pytest.param(of(datetime), of(date), THEN, id="another format"),
        pytest.param(of(UUID), of(str), THEN, id="a format gone"),
        pytest.param(of(str), of(UUID), TODAY, id="a format where there was none"),
        pytest.param(
            of(Annotated[str, Meta(pattern="^a$")]), of(Annotated[str, Meta(pattern="^b$")]), THEN, id="another pattern"
        ),
        pytest.param(of(Annotated[str, Meta(pattern="^a$")]), of(str), THEN, id="a pattern gone"),
        pytest.param(of(str), of(Annotated[str, Meta(pattern="^a$")]), TODAY, id="a pattern where there was none"),
        pytest.param(bound(ge=1), bound(ge=2), TODAY, id="a minimum raised"),
        pytest.param(bound(ge=1), bound(ge=0), THEN, id="a minimum lowered"),
        pytest.param(bound(ge=1), of(int), THEN, id="a minimum gone"),
        pytest.param(of(int), bound(ge=1), TODAY, id="a minimum where there was none"),
        pytest.param(bound(le=9), bound(le=8), TODAY, id="a maximum lowered"),
        pytest.param(bound(le=9), bound(le=10), THEN, id="a maximum raised"),
        pytest.param(bound(gt=1), bound(gt=2), TODAY, id="an exclusive minimum raised"),
        pytest.param(bound(lt=9), bound(lt=8), TODAY, id="an exclusive maximum lowered"),
        pytest.param(bound(multiple_of=2), bound(multiple_of=3), TODAY, id="another multiple"),
        pytest.param(of(Short), of(str), THEN, id="a longest length gone"),
        pytest.param(of(str), of(Annotated[str, Meta(min_length=1)]), TODAY, id="a shortest length"),
        pytest.param(length(max_length=3), length(max_length=4), THEN, id="more items"),
        pytest.param(length(min_length=3), length(min_length=4), TODAY, id="more items needed"),
        pytest.param(of(int), of(int | None), THEN, id="null is new"),
        pytest.param(of(int | None), of(int), TODAY, id="null is gone"),
        pytest.param(of(int | str), of(int | str | bool), THEN, id="a type added to a union"),
        pytest.param(of(int | str | bool), of(int | str), TODAY, id="a type gone from a union"),
        pytest.param(of(int | Short), of(int | str), THEN, id="a type of a union changed"),
        pytest.param(of(OWNER), of(SHORTER), TODAY, id="a definition changed"),
        pytest.param(of(OWNER | None), of(LONGER | None), THEN, id="a definition that may be null changed"),
        pytest.param(of(many(OWNER)), of(many(SHORTER)), TODAY, id="a definition of items changed"),
        pytest.param(
            struct(("a", int)), struct(("a", int), forbid_unknown_fields=True), THEN, id="unknown fields forbidden"
        ),
    ],
)
def test_a_break_is_refused_and_says_who_stumbles(then: Any, now: Any, reader: str) -> None:
    changes = found(then, now)
    assert changes
    assert all(change.startswith("Event") for change in changes)
    assert any(reader in change for change in changes)


@pytest.mark.parametrize(
    ("then", "now"),
    [
        pytest.param(struct(("a", int)), struct(("a", int), ("b", int, 0)), id="a field that may be left out"),
        pytest.param(struct(("a", int)), struct(("a", int), ("b", OWNER | None, None)), id="a structure that may be"),
        pytest.param(of(Literal["a"]), of(Literal["a", "b"]), id="a value of an inline enumeration"),
        pytest.param(of(Status), of(MoreStatuses), id="a value of an enumeration"),
        pytest.param(of(tuple[Status, ...]), of(tuple[MoreStatuses, ...]), id="a value of items"),
        pytest.param(of(Status | None), of(MoreStatuses | None), id="a value of one that may be null"),
        pytest.param(of(OWNER), of(RENAMED), id="a definition has another name"),
        pytest.param(of(Annotated[int, Meta(description="a")]), of(Annotated[int, Meta(title="b")]), id="words"),
        pytest.param(struct(("a", int), ("b", int)), struct(("b", int), ("a", int)), id="another order"),
        pytest.param(of(str), of(str), id="nothing"),
    ],
)
def test_growth_passes(then: Any, now: Any) -> None:
    assert found(then, now) == []


def test_a_definition_that_refers_to_itself_is_compared_once() -> None:
    tree = {"type": "object", "properties": {"size": {"type": "integer"}, "below": {"$ref": "#/$defs/Tree"}}}
    other = json.loads(json.dumps(tree).replace("integer", "string"))
    root = {"$ref": "#/$defs/Tree"}
    assert list(Comparison({"Tree": tree}, {"Tree": tree}).breaks("Tree", root, root)) == []
    assert len(list(Comparison({"Tree": tree}, {"Tree": other}).breaks("Tree", root, root))) == 2


def test_fields_called_like_annotations_are_no_annotations() -> None:
    kept = without_annotations({"title": "T", "properties": {"title": {"type": "string", "description": "D"}}})
    assert kept == {"properties": {"title": {"type": "string"}}}
