"""What an export says of a report, and what is wrong with one that says it badly."""

from pathlib import Path
from typing import Any

import pytest
from chassis import clock
from contracts.policy.categories import category
from contracts.statuses import Status
from districts.index import index_of
from operations.history.features import Fault, Wrong, said
from operations.history.names import TYPES
from operations.history.reading import Grounds, Placed, Refused, read_export
from support.districts import area, leaves, polygon, square
from support.operations.exports import CHANGED, CREATED, feature, write

NOW = clock.now()
GROUNDS = Grounds(index_of(leaves(area("R1", polygon(square(17.8, 50.6, 18.0, 50.75)))), complete=True), 300.0)


def test_every_category_and_every_former_type_has_a_category_here() -> None:
    assert all(category(code) for code in TYPES.values())
    assert len(TYPES) > 24


def test_dates_that_are_null_or_0_are_made_up_for_by_the_others() -> None:
    at = said(feature(), NOW)
    assert (at.submitted_at.timestamp() * 1000, at.changed_at.timestamp() * 1000) == (CREATED, CHANGED)
    none_changed = said(feature(**{"Data modyfikacji": 0}), NOW)
    assert none_changed.changed_at == none_changed.submitted_at == at.submitted_at
    moved: dict[str, Any] = {"Data utworzenia": None, "Data zdarzenia": CREATED}
    assert said(feature(**moved), NOW) == at
    assert said(feature(Status="  potwierdzone (WYELIMINOWANE)"), NOW).status is Status.ELIMINATED


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"OBJECTID": "17"}, "OBJECTID"),
        ({"OBJECTID": True}, "OBJECTID"),
        ({"OBJECTID": -1}, "OBJECTID"),
        ({"Typ": "Nieprawidlowe parkowanie"}, "Typ"),
        ({"Typ": 9}, "Typ"),
        ({"Status": "Zamknięte"}, "Status"),
        ({"Data utworzenia": "2019-03-04"}, "Data_utworzenia"),
        ({"Data utworzenia": CREATED // 1000}, "Data_utworzenia"),
        ({"Data modyfikacji": 4_000_000_000_000}, "Data_modyfikacji"),
        ({"Data utworzenia": 0, "Data modyfikacji": None}, "Data_utworzenia"),
        ({"geometry": None}, "geometry"),
        ({"geometry": {"x": 17.92, "y": 50.67}}, "geometry"),
        ({"geometry": {"x": "424000", "y": 313000}}, "geometry"),
        ({"geometry": {"x": 42.4, "y": 313000.0}}, "geometry"),
        ({"geometry": {"type": "Point", "coordinates": []}}, "geometry"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Wrong) as why:
        said(feature(**wrong), NOW)
    assert why.value.field == field


@pytest.mark.parametrize("broken", [None, 17, [], {"attributes": []}, {"geometry": {}}])
def test_what_is_no_feature_is_said_to_be_none(broken: object) -> None:
    with pytest.raises(Wrong):
        said(broken, NOW)


@pytest.mark.parametrize("name", ["export.json", "export.json.gz"])
def test_esri_json_and_geojson_come_to_the_same(tmp_path: Path, name: str) -> None:
    esri = feature()
    geojson = {"type": "Feature", "properties": esri["attributes"],
               "geometry": {"type": "Point", "coordinates": [424_000, 313_000, 0]}}  # fmt: skip
    [[one]] = read_export(write(tmp_path, [esri], name), GROUNDS, NOW)
    [[other]] = read_export(write(tmp_path, [geojson], name), GROUNDS, NOW)
    assert isinstance(one, Placed)
    assert one == other
    assert (one.longitude, one.latitude) == pytest.approx((17.924, 50.67), abs=0.01)
    assert one.owner.unit == "KMP-1661"


def test_a_number_that_stands_there_twice_and_a_place_nobody_answers_for_are_faults(tmp_path: Path) -> None:
    file = write(tmp_path, [feature(7), feature(7), feature(8, geometry={"x": 700_000.0, "y": 500_000.0}), feature(9)])
    [[good, twice, outside, last]] = read_export(file, GROUNDS, NOW)
    assert (isinstance(good, Placed), isinstance(last, Placed)) == (True, True)
    assert isinstance(twice, Fault)
    assert isinstance(outside, Fault)
    assert ((twice.index, twice.field), (outside.index, outside.field)) == ((1, "OBJECTID"), (2, "geometry"))


@pytest.mark.parametrize("text", [b"", b"[]", b'{"features": []}', b'{"features": [{"a": 1}', b"\xff\xfe", b"<xml/>"])
def test_a_file_that_is_no_export_is_refused(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "export.json"
    file.write_bytes(text)
    with pytest.raises(Refused, match=r"export\.json"):
        list(read_export(file, GROUNDS, NOW))
