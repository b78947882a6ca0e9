"""The base map: what the shipped tiles hold, and how a shape is cut into them."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from boundaries.areas import administrative, places
from boundaries.basemap import borders, labels, tiling
from boundaries.basemap.__main__ import TARGET
from pmtiles.reader import MemorySource, MmapSource, Reader

MOST_BYTES = 8_000_000


@pytest.fixture(scope="module")
def shipped() -> Iterator[Reader]:
    with TARGET.open("rb") as file:
        yield Reader(MmapSource(file))


def tile_at(reader: Reader, zoom: int, longitude: float, latitude: float) -> dict[str, Any]:
    """The decoded tile a position lies in, by layer."""
    x, y, *_ = tiling.mercator(shapely.Point(longitude, latitude)).bounds
    data = reader.get(zoom, int(x * 2**zoom), int(y * 2**zoom))
    assert data is not None, "no tile there"
    decoded: dict[str, Any] = mapbox_vector_tile.decode(gzip.decompress(data))
    return decoded


def names(tile: dict[str, Any], layer: str = "places") -> set[str]:
    return {feature["properties"]["name"] for feature in tile[layer]["features"]}


def test_it_is_small_and_names_its_sources(shipped: Reader) -> None:
    assert TARGET.stat().st_size < MOST_BYTES
    assert "© OpenStreetMap contributors" in json.dumps(shipped.metadata(), ensure_ascii=False)


def test_every_official_place_is_named_where_it_lies(shipped: Reader) -> None:
    for place in places.list_places()[::700]:
        tile = tile_at(shipped, tiling.MAX_ZOOM, place.longitude, place.latitude)
        assert place.name in names(tile), place


def test_only_large_towns_show_when_one_sees_the_country(shipped: Reader) -> None:
    assert {"Warszawa", "Łódź"} <= names(tile_at(shipped, 5, 21.0, 52.2)) | names(tile_at(shipped, 5, 19.4, 51.7))
    assert "Grójec" not in names(tile_at(shipped, 6, 20.87, 51.87))
    assert "Grójec" in names(tile_at(shipped, 7, 20.87, 51.87))


def test_the_sea_and_its_coast_are_there(shipped: Reader) -> None:
    assert any(
        feature["properties"]["kind"] == "sea" for feature in tile_at(shipped, 10, 18.9, 54.6)["water"]["features"]
    )
    inland = tile_at(shipped, 10, 20.05, 52.05)
    assert all(feature["properties"]["kind"] == "lake" for feature in inland.get("water", {"features": []})["features"])


def test_a_line_is_drawn_once_for_the_highest_level_it_divides() -> None:
    levels = borders.simplified(7)
    country, voivodeships, powiats = (feature.geometry for feature in borders.lines(levels, 7))
    assert voivodeships.intersection(country).length == pytest.approx(0, abs=1e-9)
    assert powiats.intersection(voivodeships).length == pytest.approx(0, abs=1e-9)
    assert len(levels.powiats) == 380


def test_a_seat_outranks_a_town_of_its_size() -> None:
    ranks = {feature.properties["name"]: feature.properties["rank"] for feature in labels.towns(8)}
    assert ranks["Opole"] == 1  # a garrison's seat, of 128,000 people
    assert ranks["Gliwice"] == 2  # larger, and none
    assert ranks["Bolesławiec"] == 3
    assert len(administrative.voivodeships()) == 16


def test_a_shape_is_cut_at_the_edge_and_a_point_lies_in_one_tile(tmp_path: Path) -> None:
    box = tiling.mercator(shapely.box(19.9, 51.9, 20.1, 52.1))
    middle = tiling.mercator(shapely.Point(20.0, 52.0))
    features = {"land": [tiling.Feature(box)], "places": [tiling.Feature(middle, {"name": "Środek"})]}
    path = tmp_path / "made.pmtiles"
    counts = tiling.write(path, lambda zoom: features)
    reader = Reader(MemorySource(path.read_bytes()))
    assert counts[4][0] == 1
    assert counts[10][0] >= 4
    easting, northing, *_ = middle.bounds
    for zoom, (tiles, _) in counts.items():
        x, y = int(easting * 2**zoom), int(northing * 2**zoom)
        around = [reader.get(zoom, x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
        found = [mapbox_vector_tile.decode(gzip.decompress(data)) for data in around if data]
        assert len(found) <= tiles
        assert [len(tile["places"]["features"]) for tile in found if "places" in tile] == [1]
