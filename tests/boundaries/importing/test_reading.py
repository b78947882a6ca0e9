"""Files as they come from regions: what is read, and what is refused with which words."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from boundaries.areas import geo
from boundaries.importing import reading
from boundaries.importing.document import Refused
from support.boundaries import WriteFile, feature, square

BOW_TIE = {"type": "Polygon", "coordinates": [[[18, 50.6], [18.1, 50.7], [18.1, 50.6], [18, 50.7], [18, 50.6]]]}


def metres(document: dict[str, Any]) -> dict[str, Any]:
    """A geometry in EPSG:2180, as GIS programs write it: east first."""
    return geo.as_geojson(geo.to_metres([geo.from_geojson(document)])[0])


def test_plain_geojson(write: WriteFile) -> None:
    path = write(feature("B-1", square(17.9, 50.6), name="Śródmieście", parent="KMP-1661", approximate=True))
    [only] = reading.read(path)
    assert (only.code, only.name, only.parent, only.level) == ("B-1", "Śródmieście", "KMP-1661", None)
    assert only.approximate
    assert only.geometry is not None
    assert only.geometry.bounds == (17.9, 50.6, 17.92, 50.62)


def test_gzip_and_the_register_s_names(tmp_path: Path) -> None:
    document = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"JPT_KOD_JE": "1661011", "JPT_NAZWA_": "Opole"},
                "geometry": square(18, 50.6),
            }
        ],
    }
    path = tmp_path / "prg.geojson.gz"
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    [only] = reading.read(path)
    assert (only.code, only.name) == ("1661011", "Opole")


@pytest.mark.parametrize("told", ["option", "file"])
def test_epsg_2180_lands_where_degrees_do(write: WriteFile, told: str) -> None:
    wanted = square(17.9, 50.6)
    named = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2180"}}} if told == "file" else {}
    path = write(feature("B-1", metres(wanted)), **named)
    [only] = reading.read(path, crs="EPSG:2180" if told == "option" else None)
    assert only.geometry is not None
    assert only.geometry.equals_exact(geo.from_geojson(wanted).normalize(), tolerance=2e-6) or (
        only.geometry.symmetric_difference(geo.from_geojson(wanted)).area < 1e-8
    )


def test_topojson(tmp_path: Path) -> None:
    ring = square(17.9, 50.6)["coordinates"][0]
    one = {"type": "Polygon", "properties": {"code": "B-1", "parent": "KMP-1661"}, "arcs": [[0]]}
    topology = {"type": "Topology", "arcs": [ring], "objects": {"beats": one}}
    path = tmp_path / "beats.topojson"
    path.write_text(json.dumps(topology))
    [only] = reading.read(path)
    assert only.geometry is not None
    assert only.geometry.bounds == (17.9, 50.6, 17.92, 50.62)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (feature(None, square(18, 50.6)), "feature 1: no code"),
        (feature("a b", square(18, 50.6)), r"feature 1 \(a b\): the code 'a b' is no code: letters"),
        (
            feature("B-1", {"type": "Point", "coordinates": [18, 50]}),
            r"feature 1 \(B-1\): no polygon: .* this is a Point",
        ),
        (feature("B-1", {"type": "Polygon", "coordinates": []}), r"feature 1 \(B-1\): no polygon: it is empty"),
        (
            feature("B-1", {"type": "Polygon", "coordinates": [[[18, 50.6], [18.1, "x"]]]}),
            r"feature 1 \(B-1\): no polygon",
        ),
        (
            feature("B-1", BOW_TIE),
            r"feature 1 \(B-1\): geometry is not valid: its border crosses itself at 18.05 50.65",
        ),
        (feature("B-1", square(50.6, 17.9)), r"feature 1 \(B-1\): longitude and latitude look exchanged"),
        (feature("B-1", square(13.3, 52.5)), r"feature 1 \(B-1\): lies outside Poland"),
        (feature("B-1", square(-74, 40.7)), r"feature 1 \(B-1\): lies outside Poland"),
        (feature("B-1", metres(square(17.9, 50.6))), r"feature 1 \(B-1\): positions are no degrees .* --crs EPSG:2180"),
        (feature("B-1", square(float("nan"), 50.6)), r"feature 1 \(B-1\): "),
    ],
)
def test_faults_of_one_feature(write: WriteFile, one: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        reading.read(write(one))


def test_all_faults_come_at_once(write: WriteFile) -> None:
    path = write(feature(None, square(18, 50.6)), feature("B-2", BOW_TIE), feature("B-3", square(18, 50.6)))
    with pytest.raises(Refused) as refused:
        reading.read(path)
    assert len(refused.value.faults) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no json", "no JSON"),
        ("[]", "neither GeoJSON nor TopoJSON"),
        ('{"type": "Feature"}', "neither a GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection", "features": []}', "holds no features"),
        ('{"type": "FeatureCollection", "features": [7]}', "feature 1: is no Feature"),
        ('{"type": "Topology", "objects": {"a": {"type": "Polygon", "arcs": [[0]]}}}', "not readable as TopoJSON"),
        ('{"type": "Topology", "objects": {}}', "not readable as TopoJSON"),
    ],
)
def test_files_that_are_something_else(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)
    with pytest.raises(Refused, match=words):
        reading.read(path)


def test_a_missing_file_and_an_unknown_system(tmp_path: Path, write: WriteFile) -> None:
    with pytest.raises(Refused, match="No such file"):
        reading.read(tmp_path / "nowhere.geojson")
    with pytest.raises(Refused, match="'EPSG:9' is not known"):
        reading.read(write(feature("B-1", square(18, 50.6))), crs="EPSG:9")
