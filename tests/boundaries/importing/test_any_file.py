"""Whatever a file holds, it is read or refused, and the refusal names the feature."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from boundaries.areas import geo
from boundaries.importing import reading, topojson
from boundaries.importing.document import Refused
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.boundaries import feature, square

RING = square(17.9, 50.6)["coordinates"][0]
GEOJSON: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {**feature("B-1", square(17.9, 50.6), name="Centrum", parent="KMP-1661"), "id": "one"},
        feature("B-2", {"type": "MultiPolygon", "coordinates": [[RING]]}, level="area", approximate=True),
    ],
}
TOPOJSON: dict[str, Any] = {
    "type": "Topology",
    "transform": {"scale": [0.001, 0.001], "translate": [17.9, 50.6]},
    "arcs": [[[0, 0], [20, 0], [0, 20], [-20, 0], [0, -20]]],
    "objects": {
        "beats": {
            "type": "GeometryCollection",
            "geometries": [{"type": "Polygon", "properties": {"code": "B-1", "parent": "KMP-1661"}, "arcs": [[0]]}],
        }
    },
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 7, 10**400, 1e308, float("nan"), float("inf"), -0.0, 180.5]),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["\ud800", "a\nb", "\u0000", "\u202e", "Point", "Polygon", "GeometryCollection", "Feature"]),
    st.sampled_from([[], {}, [[]], [[[]]], [[[[]]]], [RING[:2]], [RING[:3]], {"type": "Polygon"}, [None], [1, 2]]),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value of a document."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def changed(document: Any, path: tuple[Any, ...], value: Any, remove: bool) -> Any:
    """The document with one of its values another, or gone."""
    made = copy.deepcopy(document)
    if not path:
        return value
    inside = made
    for key in path[:-1]:
        inside = inside[key]
    if remove:
        del inside[path[-1]]
    else:
        inside[path[-1]] = value
    return made


@pytest.mark.long
@pytest.mark.parametrize("document", [GEOJSON, TOPOJSON], ids=["geojson", "topojson"])
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_with_anything_in_it_is_read_or_refused(document: dict[str, Any], tmp_path: Path, data: Any) -> None:
    path = data.draw(st.sampled_from(places(document)))
    odd = changed(document, path, data.draw(ODD), data.draw(st.booleans()))
    file = tmp_path / "odd.geojson"
    file.write_text(json.dumps(odd))
    features, faults = outcome(file)
    assert all(feature.geometry is None or feature.geometry.is_valid for feature in features)
    assert bool(features) != bool(faults)
    assert all(len(fault) < 8_000 and fault.isprintable() for fault in faults), faults
    if len(path) > 1 and path[0] == "features":
        assert all(f"feature {path[1] + 1}" in fault for fault in faults), faults


def outcome(file: Path) -> tuple[list[reading.Feature], list[str]]:
    """The features of a file, or why it is refused. Any other exception is a failure."""
    try:
        return reading.read(file), []
    except Refused as refused:
        return [], refused.faults


@pytest.mark.parametrize(
    ("coordinates", "words"),
    [
        ([[[18, 50.6], [18.1, 50.6], [18, 50.6]]], "ring 1 has 3 positions"),
        ([RING, [[18, 50.6]]], "ring 2 has 1 positions"),
        ([RING[:-1]], "ring 1 is not closed"),
        ([[*RING[:2], [18], *RING[2:]]], r"no position: \[18\]"),
        ([[*RING[:2], ["18", 50.6], *RING[2:]]], "not finite numbers"),
        ([[*RING[:2], [10**400, 50.6], *RING[2:]]], "not finite numbers"),
        ([[*RING[:2], [True, 50.6], *RING[2:]]], "not finite numbers"),
        ([[[18, 50.6]] * 5], "geometry is not valid: a ring is too small"),
        ([[[18, 50.6], [18.1, 50.6], [18.2, 50.6], [18, 50.6]]], "geometry"),
        ([[[18 + 1e-9, 50.6], [18, 50.6], [18, 50.6 + 1e-9], [18 + 1e-9, 50.6]]], "geometry"),
        ([RING, square(19.0, 50.6)["coordinates"][0]], "a hole lies outside its border"),
        ([[]], "it is empty"),
        ("Polygon", "a polygon is no list"),
        (None, "a polygon is no list"),
    ],
)
def test_rings_that_are_none_are_named_in_our_words(tmp_path: Path, coordinates: Any, words: str) -> None:
    file = tmp_path / "beats.geojson"
    one = feature("B-7", {"type": "Polygon", "coordinates": coordinates}, name="Centrum")
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [GEOJSON["features"][0], one]}))
    with pytest.raises(Refused, match=rf"^feature 2 \(B-7 Centrum\): .*{words}"):
        reading.read(file)


@pytest.mark.parametrize(
    "ring", [RING[::-1], [[*position, 312.5] for position in RING], RING[:2] + RING[1:]], ids=["winding", "3d", "twice"]
)
def test_what_an_area_may_look_like(tmp_path: Path, ring: list[Any]) -> None:
    file = tmp_path / "beats.geojson"
    one = feature("B-1", {"type": "Polygon", "coordinates": [ring]})
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [one]}))
    [only] = reading.read(file)
    assert only.geometry is not None
    assert only.geometry.equals(geo.rounded([geo.from_geojson(square(17.9, 50.6))])[0])
    assert not only.geometry.has_z


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"code": 201011}, 'the code 201011 is a number, .* write it as text, "201011"'),
        ({"code": 20101}, 'write it as text, "20101" or "020101"'),
        ({"code": 201011.0}, 'write it as text, "201011" or "0201011"'),
        ({"code": 301}, '"301" or "0301"'),
        ({"code": 1e300}, "between quotation marks"),
        ({"code": True}, "the code True is a number"),
        ({"code": "B-1", "parent": 1661}, 'the parent 1661 is a number, .* write it as text, "1661"'),
        ({"code": ["B-1"]}, "is no code"),
        ({"code": "B\n1"}, "is no code"),
        ({"code": "B-1\u0661"}, "is no code"),
        ({"code": "B" * 65}, "is no code"),
        ({"code": "B-1", "name": "Centrum\nZaodrze"}, r"the name 'Centrum\\nZaodrze' is not one line"),
        ({"code": "B-1", "name": "Centrum\u0000"}, "the name .* is not one line"),
        ({"code": "B-1", "name": "\ud800"}, "the name .* is not one line"),
        ({"code": "B-1", "name": "x" * 201}, "the name .* is not one line of at most 200"),
        ({"code": "B-1", "name": {"pl": "Centrum"}}, "the name .* is not one line"),
        ({"code": "B-1", "short_name": "a\rb"}, "the short_name .* is not one line"),
        ({"code": "B-1", "approximate": "yes"}, "approximate is true or false, this is 'yes'"),
        ({}, "no code"),
        ([], "properties is no object"),
    ],
)
def test_properties_that_readers_would_refuse_or_misread(tmp_path: Path, properties: Any, words: str) -> None:
    file = tmp_path / "beats.geojson"
    one = {"type": "Feature", "id": 3, "properties": properties, "geometry": square(17.9, 50.6)}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [one]}))
    with pytest.raises(Refused, match=words.replace("(", r"\(")) as refused:
        reading.read(file)
    assert all(fault.startswith("feature 1") for fault in refused.value.faults)


def test_a_small_topology_does_not_grow_beyond_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topojson, "MAX_POSITIONS", 1_000)
    many = {"type": "Polygon", "properties": {"code": "B-1"}, "arcs": [[0]] * 400}
    with pytest.raises(topojson.TopoJsonError, match=r"feature 1 \(B-1\): .* more than 1,000 positions"):
        topojson.features({**TOPOJSON, "objects": {"beats": many}})
