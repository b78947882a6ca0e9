"""TopoJSON, decoded by hand."""

from typing import Any

import pytest
from boundaries.importing import topojson

# Two unit squares side by side; arc 0 is the edge they share, walked up by the left and down by the right one.
SQUARES: dict[str, Any] = {
    "type": "Topology",
    "arcs": [[[1, 0], [1, 1]], [[1, 1], [0, 1], [0, 0], [1, 0]], [[1, 0], [2, 0], [2, 1], [1, 1]]],
    "objects": {
        "beats": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "properties": {"code": "left"}, "arcs": [[0, 1]]},
                {"type": "MultiPolygon", "id": "right", "arcs": [[[2, -1]]]},
                {"type": None, "properties": {"code": "station"}},
            ],
        }
    },
}


def test_shared_arcs_become_rings() -> None:
    left, right, station = topojson.features(SQUARES)
    assert left["geometry"]["coordinates"] == [[(1, 0), (1, 1), (0, 1), (0, 0), (1, 0)]]
    assert right["geometry"]["coordinates"] == [[[(1, 0), (2, 0), (2, 1), (1, 1), (1, 0)]]]
    assert (right["id"], station["geometry"]) == ("right", None)


def test_quantised_arcs_are_steps() -> None:
    document = {
        "type": "Topology",
        "transform": {"scale": [0.5, 0.25], "translate": [16, 50]},
        "arcs": [[[0, 0], [4, 0], [0, 4], [-4, -4]]],
        "objects": {"one": {"type": "Polygon", "arcs": [[0]]}},
    }
    [only] = topojson.features(document)
    assert only["geometry"]["coordinates"] == [[(16, 50), (18, 50), (18, 51), (16, 50)]]


def test_several_objects_need_a_choice() -> None:
    document = {**SQUARES, "objects": {**SQUARES["objects"], "other": {"type": "Polygon", "arcs": [[0, 1]]}}}
    with pytest.raises(topojson.TopoJsonError, match="beats, other"):
        topojson.features(document)
    assert len(topojson.features(document, "beats")) == 3
    with pytest.raises(topojson.TopoJsonError, match="no object 'units'"):
        topojson.features(document, "units")


def test_an_arc_that_is_missing_is_said() -> None:
    document = {"type": "Topology", "arcs": [], "objects": {"one": {"type": "Polygon", "arcs": [[7]]}}}
    with pytest.raises(topojson.TopoJsonError, match="arc 7"):
        topojson.features(document)
