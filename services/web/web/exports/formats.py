"""A file of places, a part at a time: CSV for spreadsheets, GeoJSON for maps and programs."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from contracts.policy.terms import WARSAW

Rows = Sequence[Mapping[str, Any]]
# What a spreadsheet takes for the beginning of a formula, also after signs that it leaves out (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a row its place is: the fields of the first and the second coordinate.

    `crs` is the URN of a reference system that is not WGS 84; RFC 7946 leaves such a file to those who agreed on it.
    """

    first: str = "longitude"
    second: str = "latitude"
    crs: str | None = None


WGS84 = Position()


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is written: what it is called, its media type, and what makes text of its rows and fields."""

    suffix: str
    media_type: str
    parts: Callable[[Iterable[Rows], Sequence[str], Position], Iterator[str]]


def _csv(chunks: Iterable[Rows], fields: Sequence[str], _: Position) -> Iterator[str]:
    """A byte-order mark, by which spreadsheets know UTF-8; semicolons, which they expect where the decimal sign is a
    comma; lines end as RFC 4180 says.
    """
    head = "\ufeff" + _lines([fields])
    for rows in chunks:
        yield head + _lines([[_cell(row[name]) for name in fields] for row in rows])
        head = ""
    yield head


def _lines(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """A value as a spreadsheet shows it: times in Poland with their offset, and no text that it would reckon with."""
    match value:
        case datetime():
            return value.astimezone(WARSAW).isoformat(timespec="seconds")
        case bool():
            return "true" if value else "false"
        case str() if value.lstrip(" \u00a0").startswith(_FORMULA):
            return f"'{value}"
        case _:
            return value


def _geojson(chunks: Iterable[Rows], fields: Sequence[str], position: Position) -> Iterator[str]:
    """RFC 7946; times in UTC, as the API has them."""
    crs = {"crs": {"type": "name", "properties": {"name": position.crs}}} if position.crs else {}
    opened = msgspec.json.encode({"type": "FeatureCollection", **crs}).decode().removesuffix("}")
    head = before = opened + ',"features":['
    for rows in chunks:
        features = [msgspec.json.encode(_feature(row, fields, position)).decode() for row in rows]
        yield before + ",\n".join(features)
        before = ",\n"
    yield ("]}\n" if before != head else head + "]}\n")


def _feature(row: Mapping[str, Any], fields: Sequence[str], position: Position) -> dict[str, Any]:
    place = (position.first, position.second)
    geometry = {"type": "Point", "coordinates": [row[name] for name in place]}
    properties = {name: row[name] for name in fields if name not in place}
    return {"type": "Feature", "id": row["report_id"], "geometry": geometry, "properties": properties}


CSV = Format("csv", "text/csv; charset=utf-8; header=present", _csv)
GEOJSON = Format("geojson", "application/geo+json", _geojson)
