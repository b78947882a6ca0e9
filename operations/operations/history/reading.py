"""Reads an export, a thousand features at a time: a million take no more memory than a thousand."""

import gzip
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO

import ijson
import shapely
from boundaries.areas.geo import DECIMALS, to_degrees
from contracts.base import Owner
from deploy.stack.process import StackError
from districts.index import Found, Index, NotFound, locate

from operations.history.features import Fault, Said, Wrong, said

AT_ONCE = 1_000
_ID_BITS = 16


class Refused(StackError):
    """A file, or what to do with it, that can't be used; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What an export says of a report, where that is in WGS 84 degrees, and who answers there now."""

    said: Said
    longitude: float
    latitude: float
    owner: Owner


@dataclass(frozen=True, slots=True)
class Grounds:
    """The districts of now, and how far from all of them, in metres, a place may lie and still go to the nearest."""

    index: Index
    nearest_m: float


def read_export(file: Path, grounds: Grounds, at: datetime) -> Iterator[list[Placed | Fault]]:
    """The features of a file, plain or gzipped, ESRI JSON or GeoJSON, in their order and in lists of some.

    Raises Refused for what is no such file, OSError.
    """
    seen = _Seen()
    numbered = enumerate(_features(file))
    while features := list(islice(numbered, AT_ONCE)):
        yield _placed([_checked(index, feature, seen, at) for index, feature in features], grounds)


def _features(file: Path) -> Iterator[object]:
    count = 0
    with _opened(file) as stream:
        try:
            for feature in ijson.items(stream, "features.item", use_float=True):
                count += 1
                yield feature
        except (ijson.JSONError, UnicodeDecodeError, gzip.BadGzipFile, EOFError) as wrong:
            detail = " ".join(str(wrong).split())[:200]
            raise Refused(f"{file}: after {count} features it can't be read as JSON: {detail}") from wrong
    if not count:
        raise Refused(f"{file}: no features in it: expected ESRI JSON or GeoJSON, an object with a list `features`")


def _opened(file: Path) -> IO[bytes]:
    return io.BufferedReader(gzip.open(file)) if file.suffix == ".gz" else file.open("rb")


def _checked(index: int, feature: object, seen: "_Seen", at: datetime) -> tuple[int, Said] | Fault:
    try:
        found = said(feature, at)
    except Wrong as wrong:
        return Fault(index, wrong.field, wrong.detail)
    if not seen.add(found.object_id):
        return Fault(index, "OBJECTID", f"{found.object_id} stood there before: leave one of them in the file")
    return index, found


def _placed(checked: list[tuple[int, Said] | Fault], grounds: Grounds) -> list[Placed | Fault]:
    points = [shapely.Point(each[1].easting, each[1].northing) for each in checked if isinstance(each, tuple)]
    places = iter(shapely.get_coordinates(to_degrees(points)).round(DECIMALS).tolist())
    return [each if isinstance(each, Fault) else _answered(each, next(places), grounds) for each in checked]


def _answered(checked: tuple[int, Said], place: list[float], grounds: Grounds) -> Placed | Fault:
    (index, found), (longitude, latitude) = checked, place
    match locate(grounds.index, longitude, latitude, grounds.nearest_m):
        case Found(leaf=leaf):
            return Placed(found, longitude, latitude, leaf.owner)
        case NotFound(metres=metres):
            far = f"; the nearest lies {metres:,.0f} m away" if metres is not None else ""
            return Fault(index, "geometry", f"{longitude} {latitude} lies in no district{far}: correct x and y")


class _Seen:
    """Numbers that came before, a bit each: those of an export follow each other."""

    def __init__(self) -> None:
        self._bits: defaultdict[int, bytearray] = defaultdict(lambda: bytearray(1 << _ID_BITS - 3))

    def add(self, number: int) -> bool:
        """Whether it is new."""
        high, low = number >> _ID_BITS, number & (1 << _ID_BITS) - 1
        byte, bit = low >> 3, 1 << (low & 7)
        new = not self._bits[high][byte] & bit
        self._bits[high][byte] |= bit
        return new
