"""A file from a region → features we understand, or a list of what is wrong with it.

Takes GeoJSON and TopoJSON, in WGS 84 degrees or in any system pyproj knows; gives shapes in WGS 84 degrees rounded to
six decimals. Says nothing yet about how the features fit the current set: that is `checking` and `territory`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from contracts.base import Code, Name
from contracts.values.texts import one_form
from pyproj.exceptions import ProjError
from shapely.geometry.base import BaseGeometry

from boundaries.areas import geo
from boundaries.importing import topojson
from boundaries.importing.document import Refused, coordinate_system, load
from boundaries.importing.shapes import GeometryFault, area_of, placed_fault

# What a file may call things: our names first, then the register's (PRG) and common ones.
CODE_KEYS = ("code", "teryt", "JPT_KOD_JE", "TERC", "terc")
NAME_KEYS = ("name", "nazwa", "JPT_NAZWA_")
PARENT_KEYS = ("parent", "station", "unit")


@dataclass(frozen=True)
class Feature:
    """One district of the file. `level` None means: as the command says. Geometry in WGS 84 degrees or absent."""

    code: str
    name: str
    short_name: str | None
    parent: str | None
    level: str | None
    approximate: bool
    geometry: BaseGeometry | None


def read(path: Path, crs: str | None = None, chosen: str | None = None) -> list[Feature]:
    """The features of a file (plain or gzipped). Raises Refused with every fault found in them."""
    document = load(path)
    raw: Any
    if document.get("type") == "Topology":
        try:
            raw = topojson.features(document, chosen)
        except topojson.TopoJsonError as wrong:
            raise Refused([f"{path.name}: not readable as TopoJSON: {fault}" for fault in wrong.faults]) from wrong
    else:
        raw = document.get("features") if document.get("type") == "FeatureCollection" else None
        if not isinstance(raw, list):
            raise Refused([f"{path.name}: neither a GeoJSON FeatureCollection nor a TopoJSON Topology"])
    if not raw:
        raise Refused([f"{path.name}: holds no features"])
    return _features(raw, coordinate_system(document, crs))


def _features(raw: Sequence[Any], crs: str) -> list[Feature]:
    faults: list[str] = []
    read: list[tuple[str, Feature]] = []
    for number, feature in enumerate(raw, 1):
        found = list(_faults(feature))
        if not found:
            try:
                read.append((label(feature, number), _feature(feature)))
            except GeometryFault as wrong:
                found = [f"no polygon: {wrong}"]
        faults += [f"{label(feature, number)}: {fault}" for fault in found]
    moved = _moved([feature.geometry for _, feature in read], crs)
    for (name, _), shape in zip(read, moved, strict=True):
        if shape is not None and (fault := placed_fault(shape)):
            faults.append(f"{name}: {fault}")
    if faults:
        raise Refused(faults)
    return [replace(feature, geometry=shape) for (_, feature), shape in zip(read, moved, strict=True)]


def label(feature: Any, number: int) -> str:
    """How a feature is called in a refusal: its number in the file, its code and its name, as far as it has them."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        return f"feature {number}"
    code, name = _first(properties, CODE_KEYS), _first(properties, NAME_KEYS)
    said = " ".join(repr(text[:40])[1:-1] for text in (code, name) if isinstance(text, str))
    return f"feature {number} ({said})" if said else f"feature {number}"


def _faults(feature: Any) -> Iterator[str]:
    """Everything that is wrong with a feature, its geometry apart."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        yield "is no Feature"
        return
    if feature.get("crs") is not None:
        yield "a feature may not name a coordinate system of its own"
    if "geometry" not in feature:
        yield "has no member geometry (null, where a station has none)"
    properties = feature.get("properties")
    if not isinstance(properties, dict | None):
        yield "properties is no object"
        return
    yield from _property_faults(feature, properties or {})


def _property_faults(feature: dict[str, Any], properties: dict[str, Any]) -> Iterator[str]:
    code = _code(feature, properties)
    if code is None:
        yield f"no code (one of {', '.join(CODE_KEYS)})"
    named = {"code": code, "parent": _first(properties, PARENT_KEYS), "level": properties.get("level")}
    for what, value in named.items():
        if isinstance(value, int | float):
            yield f"the {what} {value} is a number, and numbers lose their leading zeros: {_as_text(value)}"
        elif value is not None and not _fits(value, Code):
            yield f"the {what} {_shown(value)} is no code: letters, digits, dots, dashes and underscores, at most 64"
    for what, value in (("name", _first(properties, NAME_KEYS)), ("short_name", _text(properties.get("short_name")))):
        if value is not None and not _fits(value, Name):
            yield f"the {what} {_shown(value)} is not one line of at most 200 characters that can be seen"
    if properties.get("approximate") not in (None, True, False):
        yield f"approximate is true or false, this is {_shown(properties['approximate'])}"


def _as_text(number: float) -> str:
    """What a code that came as a number may have been: never chosen here, since two districts may fit."""
    if isinstance(number, bool) or number != number or abs(number) >= 1e7 or number < 0 or number != int(number):
        return "write it as text, between quotation marks"
    digits = str(int(number))
    # A powiat has four digits, a gmina six, or seven with its kind.
    forms = [digits] + ([f"0{digits}"] if len(digits) in (3, 5, 6) else [])
    return "write it as text, " + " or ".join(f'"{form}"' for form in forms)


def _fits(value: Any, kind: Any) -> bool:
    """Whether the contracts take a value, before anything is made of it."""
    try:
        msgspec.json.decode(msgspec.json.encode(msgspec.convert(value, kind)), type=kind)
    except (msgspec.ValidationError, ValueError):  # a lone surrogate can't be encoded
        return False
    return True


def _shown(value: Any) -> str:
    return repr(value) if len(repr(value)) <= 80 else f"{repr(value)[:80]}…"


def _feature(feature: dict[str, Any]) -> Feature:
    """A feature without faults, its shape still in the file's system. Raises GeometryFault."""
    properties = feature.get("properties") or {}
    code = str(_code(feature, properties))
    return Feature(
        code=code,
        name=_first(properties, NAME_KEYS) or code,
        short_name=_text(properties.get("short_name")),
        parent=_first(properties, PARENT_KEYS),
        level=_text(properties.get("level")),
        approximate=bool(properties.get("approximate")),
        geometry=area_of(feature["geometry"]),
    )


def _moved(shapes: Sequence[BaseGeometry | None], crs: str) -> list[BaseGeometry | None]:
    try:
        moved = list(geo.reproject(shapes, crs, geo.DEGREES))
    except ProjError as wrong:
        raise Refused([f"coordinate system {crs!r} is not known: name it like EPSG:2180"]) from wrong
    return [None if shape is None else geo.rounded([shape])[0] for shape in moved]


def _code(feature: dict[str, Any], properties: dict[str, Any]) -> Any:
    """The code, or the feature's id where that is text: programs number features as they write them."""
    found = _first(properties, CODE_KEYS)
    own = feature.get("id")
    return found if found is not None or not isinstance(own, str) else _text(own)


def _first(properties: dict[str, Any], keys: Sequence[str]) -> Any:
    return next((value for key in keys if (value := _text(properties.get(key))) is not None), None)


def _text(value: Any) -> Any:
    """Text in its one form, None where nothing is seen; what is none or has no such form is left, to be refused."""
    try:
        return one_form(value) or None if isinstance(value, str) else value
    except ValueError:
        return value
