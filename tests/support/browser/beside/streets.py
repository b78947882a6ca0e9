"""A small set of streets: a broad road from west to east, one from north to south, in the schema of Protomaps."""

import gzip
import math
from pathlib import Path

import mapbox_vector_tile
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

ZOOM = 14
_EXTENT = 4096


def tile_of(longitude: float, latitude: float) -> tuple[int, int]:
    """The tile of zoom 14 that holds a place in WGS 84 degrees."""
    sine = math.sin(math.radians(latitude))
    x, y = longitude / 360 + 0.5, 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)
    return int(x * 2**ZOOM), int(y * 2**ZOOM)


def middle_of(x: int, y: int) -> tuple[float, float]:
    """Where the two roads of a tile cross: longitude and latitude."""
    mercator = math.pi * (1 - 2 * (y + 0.5) / 2**ZOOM)
    return (x + 0.5) / 2**ZOOM * 360 - 180, math.degrees(math.atan(math.sinh(mercator)))


def street_tile() -> bytes:
    """A vector tile with the two roads."""
    middle = _EXTENT // 2
    ways = {
        "Krakowska": f"LINESTRING(0 {middle}, {_EXTENT} {middle})",
        "1 Maja": f"LINESTRING({middle} 0, {middle} {_EXTENT})",
    }
    roads = [{"geometry": way, "properties": {"kind": "highway", "name": name}} for name, way in ways.items()]
    encoded: bytes = mapbox_vector_tile.encode(
        [{"name": "roads", "features": roads}], default_options={"extents": _EXTENT}
    )
    return encoded


def write_streets(file: Path, x: int, y: int) -> None:
    """A PMTiles file with one tile of zoom 14."""
    (west, north), (east, south) = middle_of(x - 1, y - 1), middle_of(x + 1, y + 1)
    with file.open("wb") as out:
        writer = Writer(out)
        writer.write_tile(zxy_to_tileid(ZOOM, x, y), gzip.compress(street_tile(), mtime=0))
        corners = {"min_lon_e7": west, "max_lon_e7": east, "min_lat_e7": south, "max_lat_e7": north}
        header = {name: int(degrees * 1e7) for name, degrees in corners.items()} | {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "min_zoom": ZOOM,
            "max_zoom": ZOOM,
            "center_zoom": ZOOM,
            "center_lon_e7": int((west + east) / 2 * 1e7),
            "center_lat_e7": int((south + north) / 2 * 1e7),
        }
        writer.finalize(header, {"vector_layers": [{"id": "roads", "fields": {"kind": "String", "name": "String"}}]})
