"""Geometry shared by the builder and the importer: projections, rounding, GeoJSON in and out.

Two systems are in play: WGS 84 (longitude, latitude, degrees) on the wire and in files, EPSG:2180 (PL-1992, metres)
wherever a distance or an area is measured.
"""

import gzip
import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

Geometries = NDArray[np.object_]

METRES = "EPSG:2180"
DEGREES = "EPSG:4326"

# 1e-6 degrees is some 0.1 m: finer than any source, and coarse enough to compress.
DECIMALS = 6


def reproject(geometries: Iterable[BaseGeometry | None], source: str, target: str) -> Geometries:
    """The same geometries in another system; positions are always (east, north), whatever the register says."""
    transformer = _transformer(source, target)
    array = np.array(list(geometries), dtype=object)
    if source == target:
        return array

    def move(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(x, y))

    moved: Geometries = shapely.transform(array, lambda xy: move(xy[:, 0], xy[:, 1]))
    return moved


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def to_metres(geometries: Iterable[BaseGeometry | None]) -> Geometries:
    """WGS 84 degrees → EPSG:2180 metres."""
    return reproject(geometries, DEGREES, METRES)


def to_degrees(geometries: Iterable[BaseGeometry | None]) -> Geometries:
    """EPSG:2180 metres → WGS 84 degrees."""
    return reproject(geometries, METRES, DEGREES)


def rounded(geometries: Iterable[BaseGeometry], decimals: int = DECIMALS) -> Geometries:
    """Coordinates rounded one by one: neighbours that share vertices still share them afterwards."""
    array = np.array(list(geometries), dtype=object)
    result: Geometries = shapely.transform(array, lambda xy: np.round(xy, decimals))
    return result


def polygonal(geometry: BaseGeometry) -> BaseGeometry:
    """Only the areas of a geometry: clipping and repairing can leave lines and points behind."""
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return geometry
    parts = [part for part in getattr(geometry, "geoms", ()) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def cover(geometries: Sequence[BaseGeometry], gap_width: float = 0.0) -> Geometries:
    """A clean coverage of polygons in metres: no overlaps, no gaps narrower than `gap_width`, edges shared exactly.

    An overlap goes to the larger of its claimants, a gap to the neighbour with the longest shared border.
    """
    cleaned: Geometries = shapely.coverage_clean(  # type: ignore[attr-defined]  # new in shapely 2.2, the stubs lack it
        np.array(list(geometries), dtype=object), gap_width=gap_width, merge_strategy="max_area"
    )
    return cleaned


def as_geojson(geometry: BaseGeometry) -> dict[str, Any]:
    """A GeoJSON geometry with lists (not tuples), outer rings counter-clockwise as RFC 7946 wants them."""
    oriented = shapely.orient_polygons(geometry)
    document: dict[str, Any] = json.loads(json.dumps(mapping(oriented)))
    return document


def from_geojson(document: dict[str, Any]) -> BaseGeometry:
    """The shape of a GeoJSON geometry; raises ValueError or shapely's errors for what is none."""
    return shape(document)


def collection(features: Sequence[tuple[dict[str, Any], BaseGeometry]]) -> dict[str, Any]:
    """A GeoJSON FeatureCollection of (properties, shape) pairs."""
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": p, "geometry": as_geojson(g)} for p, g in features],
    }


def write_features(path: Path, features: Sequence[tuple[dict[str, Any], BaseGeometry]]) -> None:
    """A gzipped GeoJSON FeatureCollection, the same bytes for the same content."""
    text = json.dumps(collection(features), ensure_ascii=False, separators=(",", ":"))
    write_gzip(path, text.encode())


def write_gzip(path: Path, data: bytes) -> None:
    """Compressed without file name or time, so that two builds can be compared byte by byte."""
    with path.open("wb") as file, gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=file, mtime=0) as out:
        out.write(data)


def read_features(path: Path) -> list[tuple[dict[str, Any], BaseGeometry]]:
    """Properties and shapes of a gzipped FeatureCollection."""
    document = json.loads(gzip.decompress(path.read_bytes()))
    return [(feature["properties"], shape(feature["geometry"])) for feature in document["features"]]


def union(geometries: Iterable[BaseGeometry]) -> BaseGeometry:
    """The sum of polygons; overlaps and slivers do no harm."""
    return shapely.union_all(np.array(list(geometries), dtype=object))
