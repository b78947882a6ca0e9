"""What msgspec can't say of a value: instants in range, names that are seen, no last line end, nothing hidden."""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from contracts.values.instants import EARLIEST, LATEST, LATEST_DUE, is_instant
from contracts.values.texts import hides_further, is_visible

DUE = {"latest": LATEST_DUE}
"""Of an instant that is reckoned from others (`Meta(extra=…)`)."""
VISIBLE = {"visible": True}
"""Of a text in which something must be seen."""
_FIRST, _END = EARLIEST.date(), LATEST.date()
_Check = Callable[[Any], None]


class _Wrong(Exception):
    """A value is not what is expected; the path to it is put together on the way out, so that it costs nothing else."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected, self.path = expected, ""


def check_values(record: msgspec.Struct) -> None:
    """Raises msgspec.ValidationError that says which field is wrong, as msgspec does for what it checks itself."""
    check = _check_of(type(record))
    if check is None:
        return
    try:
        check(record)
    except _Wrong as wrong:
        raise msgspec.ValidationError(f"Expected {wrong.expected} - at `${wrong.path}`") from None


@cache
def _check_of(record: type[msgspec.Struct]) -> _Check | None:
    return _check(inspect.type_info(record), {})


def _check(kind: inspect.Type, extra: dict[str, Any]) -> _Check | None:
    """The check of a type of which there is something to check, compiled once."""
    match kind:
        case inspect.Metadata():
            return _check(kind.type, {**extra, **(kind.extra or {})})
        case inspect.DateTimeType():
            return _instant(extra.get("latest", LATEST))
        case inspect.DateType():
            return _date
        case inspect.StrType(pattern=str()):
            return _visible if "visible" in extra else _one_end
        case inspect.StructType():
            return _fields(kind)
        case inspect.VarTupleType() | inspect.ListType():
            return _items(_check(kind.item_type, extra))
        case inspect.UnionType():
            others = [other for other in kind.types if not isinstance(other, inspect.NoneType)]
            return _unless_none(_check(others[0], extra)) if len(others) == 1 else None
    return None


def _fields(kind: inspect.StructType) -> _Check | None:
    checks = [(field.name, _check(field.type, {})) for field in kind.fields]
    found = tuple((name, check) for name, check in checks if check)

    def fields(record: Any) -> None:
        name = ""
        try:
            for name, check in found:
                check(getattr(record, name))
        except _Wrong as wrong:
            wrong.path = f".{name}{wrong.path}"
            raise

    return fields if found else None


def _items(check: _Check | None) -> _Check | None:
    if check is None:
        return None

    def items(values: Any) -> None:
        try:
            for value in values:
                check(value)
        except _Wrong as wrong:
            wrong.path = f"[...]{wrong.path}"
            raise

    return items


def _unless_none(check: _Check | None) -> _Check | None:
    if check is None:
        return None

    def unless_none(value: Any) -> None:
        if value is not None:
            check(value)

    return unless_none


def _instant(latest: datetime) -> _Check:
    def instant(at: datetime) -> None:
        if not is_instant(at, latest):
            raise _Wrong(f"a time from 2000 to {latest.year - 1}")

    return instant


def _date(on: date) -> None:
    if not _FIRST <= on < _END:
        raise _Wrong(f"a date from 2000 to {LATEST.year - 1}")


def _one_end(text: str) -> None:
    # A pattern's end also matches before a last line end, and what such a text becomes a part of has two lines.
    if text.endswith("\n"):
        raise _Wrong("a text without a line end after it")
    if hides_further(text):
        raise _Wrong("a text without characters that show nothing")


def _visible(text: str) -> None:
    if text.endswith("\n") or hides_further(text) or not is_visible(text):
        raise _Wrong("a text of one line in which something is seen")
