"""One feature of an export: what it says of a report, or what is wrong with it. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from hashlib import sha256
from typing import Any, TypeVar

from contracts.statuses import Status
from contracts.values.instants import AHEAD, is_instant

from operations.history.names import STATUSES, TYPES, folded

_CREATED, _CHANGED, _HAPPENED = "Data_utworzenia", "Data_modyfikacji", "Data_zdarzenia"
_BOX = (100_000, 100_000, 900_000, 900_000)
"""West, south, east, north of Poland with its sea and some tens of kilometres more, EPSG:2180."""
_SHOWN = 60

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a feature can't be taken: which one, counted from 0, the field, and what to do about it."""

    index: int
    field: str
    detail: str

    def __str__(self) -> str:
        return f"features[{self.index}] {self.field}: {self.detail}"


class Wrong(Exception):
    """What is wrong with a field of a feature."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field, self.detail = field, detail


@dataclass(frozen=True, slots=True)
class Said:
    """What an export says of a report; `easting` and `northing` in metres of EPSG:2180."""

    object_id: int
    category: str
    status: Status
    easting: float
    northing: float
    submitted_at: datetime
    changed_at: datetime

    @property
    def digest(self) -> str:
        """The SHA-256 of it, in hexadecimal: of what was said, so that no newer projection makes it another."""
        parts = (
            self.category, self.status.value, f"{self.easting:.2f}", f"{self.northing:.2f}",
            self.submitted_at.isoformat(), self.changed_at.isoformat(),
        )  # fmt: skip
        return sha256("\n".join(parts).encode()).hexdigest()


def said(feature: object, at: datetime) -> Said:
    """A feature of ESRI JSON or GeoJSON, read at an instant. Raises Wrong.

    What nobody sees is not taken over: when it happened, `Pora_dnia`, `Dni_tygodnia` (their coding is not known),
    `TERYT` (districts say who answers) and attachments.
    """
    if not isinstance(feature, Mapping):
        raise Wrong("feature", "expected an object with attributes (or properties) and geometry")
    attributes = feature.get("attributes", feature.get("properties"))
    if not isinstance(attributes, Mapping):
        raise Wrong("attributes", "expected an object; GeoJSON calls it properties")
    # Some write "Data utworzenia", some "Data_utworzenia".
    named = {str(name).replace(" ", "_"): value for name, value in attributes.items()}
    easting, northing = _position(feature.get("geometry"))
    times = {name: _time(named, name, at) for name in (_CREATED, _CHANGED, _HAPPENED)}
    submitted = times[_CREATED] or times[_HAPPENED] or times[_CHANGED]
    if submitted is None:
        raise Wrong(_CREATED, "null or 0, and so is every other date: give milliseconds since 1970")
    return Said(
        _object_id(named),
        _one_of(TYPES, named, "Typ"),
        _one_of(STATUSES, named, "Status"),
        easting,
        northing,
        submitted,
        max(submitted, times[_CHANGED] or submitted),
    )


def _object_id(attributes: Mapping[str, Any]) -> int:
    value = attributes.get("OBJECTID")
    if type(value) is not int or not 0 <= value < 2**31:
        raise Wrong("OBJECTID", f"expected a whole number from 0 to 2147483647, not {_shown(value)}")
    return value


def _one_of(known: Mapping[str, T], attributes: Mapping[str, Any], name: str) -> T:
    value = attributes.get(name)
    if not isinstance(value, str):
        raise Wrong(name, f"expected a name in Polish, not {_shown(value)}")
    found = known.get(folded(value))
    if found is None:
        close = get_close_matches(folded(value)[:_SHOWN], known, n=1)
        meant = f"; write {_shown(close[0])}, if that is meant" if close else ""
        raise Wrong(name, f"{_shown(value)} is none of the {len(known)} names known here (docs/operations.md){meant}")
    return found


def _time(attributes: Mapping[str, Any], name: str, at: datetime) -> datetime | None:
    value = attributes.get(name)
    if value is None or value == 0:
        return None
    if type(value) not in (int, float) or not 0 < value < 1e13:
        raise Wrong(name, f"expected milliseconds since 1970, null or 0, not {_shown(value)}")
    instant = datetime.fromtimestamp(int(value) // 1000, UTC)
    if not is_instant(instant) or instant > at + AHEAD:
        raise Wrong(name, f"{_shown(value)} is {instant:%Y-%m-%d}: expected milliseconds since 1970, of 2000 until now")
    return instant


def _position(geometry: object) -> tuple[float, float]:
    """Easting and northing, as ESRI or GeoJSON writes a point."""
    found: tuple[Any, ...] = ()
    if isinstance(geometry, Mapping):
        coordinates = geometry.get("coordinates")
        found = tuple(coordinates[:2]) if isinstance(coordinates, list) else (geometry.get("x"), geometry.get("y"))
    if len(found) != 2 or any(type(each) not in (int, float) or not math.isfinite(each) for each in found):
        raise Wrong("geometry", "expected a point: x and y, or coordinates; easting, then northing")
    x, y = found
    if abs(x) <= 180 and abs(y) <= 90:
        raise Wrong("geometry", f"{x:g} {y:g} are degrees: export it in EPSG:2180, metres")
    west, south, east, north = _BOX
    if not (west <= x <= east and south <= y <= north):
        raise Wrong(
            "geometry", f"{x:g} {y:g} lies far from Poland: expected metres of EPSG:2180, easting, then northing"
        )
    return float(x), float(y)


def _shown(value: object) -> str:
    text = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in repr(value))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
