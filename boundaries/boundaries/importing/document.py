"""A region's file → its JSON document and its coordinate system; or a refusal in words that say what to do.

Nothing in the file is trusted: neither its size, nor that it is text, nor the system it names.
"""

import gzip
import io
import json
import re
import stat
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from boundaries.areas import geo

# All gminas of the country in full detail are some 200 MB of GeoJSON, of some 5 million positions.
MAX_BYTES = 256 * 1024 * 1024

# A short text may stand for much memory, an empty list for 25 times its size: what each byte opens or adds is bounded.
MAX_COUNTS = {b"[": 10_000_000, b"{": 2_000_000, b",": 30_000_000}

MAX_FAULT = 600

# What a file is when it begins like this, and is no JSON.
OTHER_FORMATS = {
    b"SQLite format 3\0": "a GeoPackage",
    b"PK\x03\x04": "a ZIP archive, a packed Shapefile perhaps",
    b"\x00\x00\x27\x0a": "a Shapefile",
    b"<": "XML, GML or KML perhaps",
    b"PAR1": "Parquet",
    b"fgb": "FlatGeobuf",
}
CONVERT = "export it as GeoJSON: ogr2ogr -f GeoJSON -t_srs EPSG:4326 districts.geojson FILE"

_EPSG = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:EPSG:[\d.]*:|https?://www\.opengis\.net/def/crs/EPSG/[\d.]+/|EPSG:)(\d{4,6})"
)
_CRS84 = re.compile(r"(?:urn:(?:x-)?ogc:def:crs:OGC:[\d.]*:|https?://www\.opengis\.net/def/crs/OGC/[\d.]+/|OGC:)?CRS84")


class Refused(Exception):
    """The file can't be taken; `faults` says everything that is wrong, each in one line that any terminal can show."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = [_line(fault) for fault in faults]
        super().__init__("; ".join(self.faults))


def _line(text: str) -> str:
    """A text that quotes a stranger's file, without what a terminal would obey or could not show."""
    cut = text if len(text) <= MAX_FAULT else f"{text[:MAX_FAULT]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def load(path: Path) -> dict[str, Any]:
    """The JSON object in a file, plain or gzipped, in UTF-8. Raises Refused."""
    data = _read(path)
    for beginning, what in OTHER_FORMATS.items():
        if data.lstrip()[: len(beginning)] == beginning:
            raise Refused([f"{path.name}: is no GeoJSON but {what}: {CONVERT}"])
    if any(data.count(byte) > limit for byte, limit in MAX_COUNTS.items()):
        raise Refused(
            [f"{path.name}: holds more than {MAX_COUNTS[b'[']:,} positions: simplify its borders, or divide it"]
        )
    try:
        document = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object)
    except UnicodeDecodeError as wrong:
        raise Refused([f"{path.name}: is not UTF-8 (byte {wrong.start}): save it in UTF-8"]) from wrong
    except (ValueError, RecursionError) as wrong:
        raise Refused([f"{path.name}: no JSON: {wrong}"]) from wrong
    if not isinstance(document, dict):
        raise Refused([f"{path.name}: neither GeoJSON nor TopoJSON"])
    return document


def _read(path: Path) -> bytes:
    try:
        # A pipe or a device may have no end.
        if not stat.S_ISREG(path.stat().st_mode):
            raise Refused([f"{path}: is no file"])
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            return _limited(path, gzip.GzipFile(fileobj=file) if packed else file)
    except gzip.BadGzipFile as wrong:
        raise Refused([f"{path.name}: can't be unpacked: {wrong}"]) from wrong
    except OSError as wrong:
        raise Refused([f"{path}: {wrong.strerror or wrong}"]) from wrong
    except (EOFError, zlib.error) as wrong:
        raise Refused([f"{path.name}: can't be unpacked, it is cut off or damaged: {wrong}"]) from wrong


def _limited(path: Path, file: IO[bytes] | gzip.GzipFile) -> bytes:
    data = io.BytesIO()
    while piece := file.read(1024 * 1024):
        data.write(piece)
        if data.tell() > MAX_BYTES:
            megabytes = MAX_BYTES // 1024**2
            raise Refused([f"{path.name}: holds more than {megabytes} MB: send each garrison's part by itself"])
    return data.getvalue()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose members each stand there once: of two the reader would have to guess."""
    made = dict(pairs)
    if len(made) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = min(name for name in counts if counts[name] > 1)
        raise ValueError(f"an object has the member {twice!r} twice: {str(made)[:80]}")
    return made


def coordinate_system(document: dict[str, Any], told: str | None) -> str:
    """The system the positions are in, as pyproj knows it: as told, else as the file names it, else WGS 84.

    GeoJSON since RFC 7946 is WGS 84; older files name another in a member `crs`, as GIS programs still do. Raises
    Refused for a `crs` that names none we are sure of.
    """
    if told is not None:
        return told
    if "crs" not in document:
        return geo.DEGREES
    crs = document["crs"]
    properties = crs.get("properties") if isinstance(crs, dict) and crs.get("type") == "name" else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str) and _CRS84.fullmatch(name):
        return geo.DEGREES
    if isinstance(name, str) and (epsg := _EPSG.fullmatch(name)):
        return f"EPSG:{epsg[1]}"
    raise Refused(
        [
            f"the file's coordinate system is not understood: crs {json.dumps(crs, ensure_ascii=False)[:200]}; "
            "find out which it is and say so, --crs EPSG:2180 perhaps"
        ]
    )
