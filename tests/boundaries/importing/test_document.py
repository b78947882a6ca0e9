"""Files that are too large, damaged or something else, and the coordinate systems they name."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from boundaries.importing import document
from boundaries.importing.document import Refused, coordinate_system, load

EMPTY = '{"type": "FeatureCollection", "features": []}'


def packed(data: bytes) -> bytes:
    """Packed without the time of day, which would give a test another name in each process that collects it."""
    return gzip.compress(data, mtime=0)


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "districts.geojson"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("data", [EMPTY.encode(), b"\xef\xbb\xbf" + EMPTY.encode(), packed(EMPTY.encode())])
def test_plain_packed_and_with_a_byte_order_mark(tmp_path: Path, data: bytes) -> None:
    assert load(written(tmp_path, data)) == json.loads(EMPTY)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ('{"name": "Śródmieście"}'.encode("cp1250"), r"is not UTF-8 \(byte 10\): save it in UTF-8"),
        (EMPTY.encode("utf-16"), "is not UTF-8"),
        (EMPTY.encode("utf-16-be"), "no JSON"),
        (b"SQLite format 3\0" + bytes(80), "is no GeoJSON but a GeoPackage: export it as GeoJSON: ogr2ogr"),
        (b"PK\x03\x04" + bytes(80), "a ZIP archive, a packed Shapefile perhaps: export it"),
        (b"\x00\x00\x27\x0a" + bytes(80), "a Shapefile: export it"),
        (b"\n<?xml version='1.0'?><kml/>", "XML, GML or KML perhaps: export it"),
        (packed(b"SQLite format 3\0" + bytes(80)), "a GeoPackage"),
        (packed(EMPTY.encode())[:-9], "cut off or damaged"),
        (packed(EMPTY.encode())[:12] + b"\xff" * 40, "cut off or damaged"),
        (b"\x1f\x8b", "can't be unpacked"),
        (b"\x1f\x8b\x00\x00\x00", "can't be unpacked"),
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"a": ' * 100_000, "no JSON"),
        (b'{"type": ' + b"1" * 10_000 + b"}", "no JSON"),
        (b'{"type": "FeatureCollection", "type": "Topology"}', "has the member 'type' twice"),
        (b"{" + b"".join(b'"%d": 1, ' % number for number in range(200_000)) + b'"7": 2}', "the member '7' twice"),
    ],
)
def test_what_is_no_json_in_utf_8_is_refused_in_our_words(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        load(written(tmp_path, data))


@pytest.mark.parametrize("pack", [bytes, packed])
def test_more_than_memory_should_hold_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Any) -> None:
    assert document.MAX_BYTES == 256 * 1024 * 1024
    monkeypatch.setattr(document, "MAX_BYTES", 2 * 1024 * 1024)
    with pytest.raises(Refused, match="holds more than 2 MB: send each garrison's part by itself"):
        load(written(tmp_path, pack(bytes(4 * 1024 * 1024))))


@pytest.mark.parametrize("text", [b"[],", b"{},", b"1,", b'[{"":[0,0]}],'])
def test_what_unpacks_into_more_than_memory_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes
) -> None:
    monkeypatch.setattr(document, "MAX_COUNTS", {byte: limit // 1000 for byte, limit in document.MAX_COUNTS.items()})
    with pytest.raises(Refused, match="positions: simplify its borders, or divide it"):
        load(written(tmp_path, packed(b"[" + text * 40_000 + b"0]")))


def test_folders_and_pipes_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(Refused, match="is no file"):
            load(path)


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        ("urn:ogc:def:crs:OGC::CRS84", "EPSG:4326"),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "EPSG:4326"),
        ("EPSG:2180", "EPSG:2180"),
        ("urn:ogc:def:crs:EPSG::2180", "EPSG:2180"),
        ("urn:ogc:def:crs:EPSG:9.8.15:2177", "EPSG:2177"),
        ("http://www.opengis.net/def/crs/EPSG/0/3857", "EPSG:3857"),
    ],
)
def test_systems_named_in_the_file(name: str, system: str) -> None:
    assert coordinate_system({"crs": {"type": "name", "properties": {"name": name}}}, None) == system
    assert coordinate_system({"crs": {"type": "name", "properties": {"name": name}}}, "EPSG:2178") == "EPSG:2178"
    assert coordinate_system({}, None) == "EPSG:4326"


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "link", "properties": {"href": "http://example.test/2180.prj", "type": "esriwkt"}},
        {"type": "link", "properties": {"href": "http://example.test/", "name": "EPSG:2180"}},
        {"type": "name", "properties": {"name": "PL-1992"}},
        {"type": "name", "properties": {"name": "EPSG:2180; DROP"}},
        {"type": "name", "properties": {"name": None}},
        {"type": "name", "properties": []},
        {"type": "name"},
        {"type": "EPSG", "properties": {"code": 2180}},
        "EPSG:2180",
        2180,
        [],
        {},
        None,
    ],
)
def test_any_other_system_is_refused_and_not_taken_for_wgs_84(crs: Any) -> None:
    with pytest.raises(Refused, match="coordinate system is not understood: .* --crs EPSG:2180 perhaps"):
        coordinate_system({"crs": crs}, None)
    assert coordinate_system({"crs": crs}, "EPSG:2180") == "EPSG:2180"
