"""A file from a region → features we understand, or a list of what is wrong with it.

Takes GeoJSON and TopoJSON, in WGS 84 degrees or in any system pyproj knows; gives shapes in WGS 84 degrees rounded to
six decimals. Says nothing yet about how the features fit the current set: that is `checking`.
"""

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from contracts.base import POLAND
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from boundaries.areas import geo
from boundaries.importing import topojson

# What a file may call things: our names first, then the register's (PRG) and common ones.
CODE_KEYS = ("code", "teryt", "JPT_KOD_JE", "TERC", "terc")
NAME_KEYS = ("name", "nazwa", "JPT_NAZWA_")
PARENT_KEYS = ("parent", "station", "unit")
CODE_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


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


class Refused(Exception):
    """The file can't be taken; `faults` says everything that is wrong."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = list(faults)


def read(path: Path, crs: str | None = None, chosen: str | None = None) -> list[Feature]:
    """The features of a file (plain or gzipped). Raises Refused with every fault found in them."""
    document = _load(path)
    raw: Any
    if document.get("type") == "Topology":
        try:
            raw = topojson.features(document, chosen)
        except (topojson.TopoJsonError, KeyError, TypeError, ValueError) as wrong:
            raise Refused([f"{path.name}: not readable as TopoJSON: {wrong}"]) from wrong
    else:
        raw = document.get("features") if document.get("type") == "FeatureCollection" else None
        if not isinstance(raw, list):
            raise Refused([f"{path.name}: neither a GeoJSON FeatureCollection nor a TopoJSON Topology"])
    if not raw:
        raise Refused([f"{path.name}: holds no features"])
    return _features(raw, crs or _named_crs(document) or geo.DEGREES)


def _load(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
        document = json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    except OSError as wrong:
        raise Refused([f"{path}: {wrong.strerror or wrong}"]) from wrong
    except (ValueError, EOFError, RecursionError) as wrong:
        raise Refused([f"{path.name}: no JSON: {wrong}"]) from wrong
    if not isinstance(document, dict):
        raise Refused([f"{path.name}: neither GeoJSON nor TopoJSON"])
    return document


def _named_crs(document: dict[str, Any]) -> str | None:
    """The system an older GeoJSON names in itself, as GIS programs still write it."""
    crs = document.get("crs")
    name = crs.get("properties", {}).get("name") if isinstance(crs, dict) else None
    return name if isinstance(name, str) and "CRS84" not in name else None


def _features(raw: Sequence[Any], crs: str) -> list[Feature]:
    faults: list[str] = []
    shapes: list[BaseGeometry | None] = []
    rows: list[tuple[str, dict[str, Any]]] = []
    for number, feature in enumerate(raw, 1):
        properties = feature.get("properties") or {} if isinstance(feature, dict) else {}
        code = _first(properties, CODE_KEYS) or _text(feature.get("id") if isinstance(feature, dict) else None)
        label = code or f"feature {number}"
        if not code:
            faults.append(f"{label}: no code (one of {', '.join(CODE_KEYS)})")
        elif not CODE_FORM.fullmatch(code):
            faults.append(f"{label}: a code has letters, digits, dots, dashes and underscores, at most 64")
        try:
            shapes.append(_shape(feature))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError) as wrong:
            shapes.append(None)
            faults.append(f"{label}: no polygon: {wrong}")
        rows.append((label, properties))
    moved = _moved(shapes, crs)
    faults += [fault for (label, _), shape in zip(rows, moved, strict=True) for fault in _shape_faults(label, shape)]
    if faults:
        raise Refused(faults)
    return [_feature(code, properties, shape) for (code, properties), shape in zip(rows, moved, strict=True)]


def _feature(code: str, properties: dict[str, Any], shape: BaseGeometry | None) -> Feature:
    return Feature(
        code=code,
        name=_first(properties, NAME_KEYS) or code,
        short_name=_text(properties.get("short_name")),
        parent=_first(properties, PARENT_KEYS),
        level=_text(properties.get("level")),
        approximate=properties.get("approximate") is True,
        geometry=shape,
    )


def _shape(feature: Any) -> BaseGeometry | None:
    document = feature["geometry"]
    if document is None:
        return None
    if document.get("type") not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"a district is a Polygon or MultiPolygon, this is a {document.get('type')}")
    shape = geo.from_geojson(document)
    if shape.is_empty:
        raise ValueError("it is empty")
    return shapely.force_2d(shape)


def _moved(shapes: Sequence[BaseGeometry | None], crs: str) -> list[BaseGeometry | None]:
    try:
        moved = list(geo.reproject(shapes, crs, geo.DEGREES))
    except CRSError as wrong:
        raise Refused([f"coordinate system {crs!r} is not known: name it like EPSG:2180"]) from wrong
    return [None if shape is None else geo.rounded([shape])[0] for shape in moved]


def _shape_faults(label: str, shape: BaseGeometry | None) -> list[str]:
    """What can be said of a shape alone: finite, where Poland is, valid."""
    if shape is None:
        return []
    west, south, east, north = shape.bounds
    if not all(abs(number) < float("inf") for number in shape.bounds):
        return [f"{label}: positions are not finite numbers"]
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        return [
            f"{label}: positions are no degrees ({west:.0f}, {south:.0f}); name the system, --crs EPSG:2180 perhaps"
        ]
    if POLAND[1] <= west and east <= POLAND[3] and POLAND[0] <= south and north <= POLAND[2]:
        return [f"{label}: longitude and latitude look exchanged ({west:.4f}, {south:.4f})"]
    if west < POLAND[0] or south < POLAND[1] or east > POLAND[2] or north > POLAND[3]:
        return [f"{label}: lies outside Poland ({west:.4f}, {south:.4f} to {east:.4f}, {north:.4f})"]
    if not shape.is_valid:
        return [f"{label}: geometry is not valid: {shapely.is_valid_reason(shape)}"]
    return []


def _first(properties: dict[str, Any], keys: Sequence[str]) -> str | None:
    return next((text for key in keys if (text := _text(properties.get(key)))), None)


def _text(value: Any) -> str | None:
    """Text of a property; codes often come as numbers."""
    if isinstance(value, bool) or value is None:
        return None
    return str(value).strip() or None
