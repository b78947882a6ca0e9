"""Vector tiles (Mapbox Vector Tile 2.1) in one PMTiles 3 file.

Everything is cut in Mercator's unit square: x eastwards, y southwards, 0 to 1 around the world. A tile is 4096 wide.
"""

import gzip
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from numpy.typing import NDArray
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from shapely.geometry.base import BaseGeometry

MIN_ZOOM, MAX_ZOOM = 4, 10
EXTENT = 4096
BUFFER = 64 / EXTENT
"""So much of its neighbours a tile holds on each side, in tiles: no seam shows where lines are drawn wide."""

SIZE_PX = 512
"""How wide a tile is drawn at its own zoom."""

# What is shown at all: the country with what a wide window shows beside it; further in only what lies near it.
WIDE = (7.0, 46.0, 31.0, 58.0)
NEAR = (13.4, 48.6, 24.8, 55.4)
NEAR_FROM_ZOOM = 7

ATTRIBUTION = "© OpenStreetMap contributors; GUGiK (PRNG); Natural Earth; GSHHG"

Layers = Mapping[str, Sequence["Feature"]]


@dataclass(frozen=True)
class Feature:
    """A shape in the unit square with its properties."""

    geometry: BaseGeometry
    properties: dict[str, Any] = field(default_factory=dict)


def mercator(geometry: BaseGeometry) -> BaseGeometry:
    """WGS 84 degrees → the unit square."""
    projected: BaseGeometry = shapely.transform(geometry, _project)
    return projected


def _project(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    latitude = np.radians(degrees[:, 1])
    y = 0.5 - np.log(np.tan(np.pi / 4 + latitude / 2)) / (2 * np.pi)
    return np.column_stack([(degrees[:, 0] + 180) / 360, y])


def pixels(zoom: int, count: float) -> float:
    """So many pixels of the screen at a zoom, in the unit square."""
    return count / (SIZE_PX << zoom)


def write(path: Path, layers_of: Callable[[int], Layers]) -> dict[int, tuple[int, int]]:
    """Write the file, zoom by zoom; returns how many tiles and bytes each zoom has. The same input, the same tiles."""
    counts = {}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        writer = Writer(file)
        for zoom in range(MIN_ZOOM, MAX_ZOOM + 1):
            tiles = sorted(_tiles(zoom, layers_of(zoom)))
            for tile_id, data in tiles:
                writer.write_tile(tile_id, data)
            counts[zoom] = (len(tiles), sum(len(data) for _, data in tiles))
        west, south, east, north = WIDE
        header = {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "min_zoom": MIN_ZOOM,
            "max_zoom": MAX_ZOOM,
            "min_lon_e7": int(west * 1e7),
            "min_lat_e7": int(south * 1e7),
            "max_lon_e7": int(east * 1e7),
            "max_lat_e7": int(north * 1e7),
            "center_zoom": 6,
            "center_lon_e7": int(19.2 * 1e7),
            "center_lat_e7": int(52.1 * 1e7),
        }
        writer.finalize(header, {"name": "KMZB", "attribution": ATTRIBUTION, "vector_layers": _described()})
    return counts


def _described() -> list[dict[str, Any]]:
    fields = {
        "water": {"kind": "String"},
        "land": {},
        "rivers": {"rank": "Number"},
        "borders": {"level": "Number"},
        "labels": {"kind": "String", "name": "String"},
        "places": {"name": "String", "rank": "Number", "people": "Number"},
    }
    return [{"id": layer, "fields": properties} for layer, properties in fields.items()]


def _tiles(zoom: int, layers: Layers) -> Iterator[tuple[int, bytes]]:
    cuts = {layer: _cut(zoom, features) for layer, features in layers.items()}
    box = mercator(shapely.box(*(NEAR if zoom >= NEAR_FROM_ZOOM else WIDE)))
    west, north, east, south = (coordinate * 2**zoom for coordinate in box.bounds)
    for x in range(math.floor(west), math.ceil(east)):
        for y in range(math.floor(north), math.ceil(south)):
            encoded = [{"name": layer, "features": cut[x, y]} for layer, cut in cuts.items() if cut.get((x, y))]
            if encoded:
                data = mapbox_vector_tile.encode(encoded, default_options={"extents": EXTENT, "y_coord_down": True})
                yield zxy_to_tileid(zoom, x, y), gzip.compress(data, mtime=0)


def _cut(zoom: int, features: Sequence[Feature]) -> dict[tuple[int, int], list[dict[str, Any]]]:
    """The features by tile, each clipped to it, in the tile's own units."""
    cut: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for feature in features:
        if feature.geometry.is_empty:
            continue
        # A point belongs to one tile: its label is drawn across the edge anyhow.
        margin = 0.0 if feature.geometry.geom_type == "Point" else BUFFER
        scaled = shapely.transform(feature.geometry, lambda xy: xy * 2**zoom)
        west, north, east, south = scaled.bounds
        for x in range(math.floor(west - margin), math.floor(east + margin) + 1):
            for y in range(math.floor(north - margin), math.floor(south + margin) + 1):
                piece = scaled
                if margin:
                    piece = shapely.clip_by_rect(scaled, x - margin, y - margin, x + 1 + margin, y + 1 + margin)
                if not piece.is_empty:
                    local = _in_tile(piece, x, y)
                    cut.setdefault((x, y), []).append({"geometry": local, "properties": feature.properties})
    return cut


def _in_tile(piece: BaseGeometry, x: int, y: int) -> BaseGeometry:
    return shapely.transform(piece, lambda xy: np.round((xy - (x, y)) * EXTENT))
