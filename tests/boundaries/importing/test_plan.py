"""From file to topic: what is taken, what is refused, and that a refusal or a death changes nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from boundaries.areas import geo
from boundaries.areas.administrative import gminas
from boundaries.importing import checking
from boundaries.importing.document import Refused
from boundaries.importing.plan import ImportPlan, ImportRequest, import_plan, publish, valid_from_faults
from contracts.events.districts import District, Level
from support.boundaries import AT, SECOND, MemoryTopic, WriteFile, feature, square

from boundaries import published

OPOLE = "KMP-1661"


def plan(topic: MemoryTopic, path: Path, version: str = SECOND, **options: Any) -> ImportPlan:
    """Squares in place of whole units take ground away; what that means is tried in `test_territory`."""
    return import_plan(
        ImportRequest(path, **{"allow_losses": True, **options}), published.read_published(topic), version
    )


def faults(topic: MemoryTopic, path: Path, **options: Any) -> list[str]:
    before = list(topic.records)
    with pytest.raises(Refused) as refused:
        plan(topic, path, **options)
    assert topic.records == before
    return refused.value.faults


def gmina(code: str) -> dict[str, Any]:
    return geo.as_geojson(gminas()[code].geometry)


def current(topic: MemoryTopic, garrison: str = "OPO") -> dict[str, District]:
    return {district.code: district for district in published.read_published(topic).current()[garrison]}


def test_beats_of_one_unit_replace_its_areas_and_nothing_else(seeded: MemoryTopic, write: WriteFile) -> None:
    path = write(
        feature("OPO-1", square(17.90, 50.66), name="Centrum", parent=OPOLE),
        feature("OPO-2", square(17.92, 50.66), name="Zaodrze", parent=OPOLE),
    )
    before = current(seeded)
    made = plan(seeded, path)
    [done] = publish(seeded, made, AT, AT)
    after = current(seeded)
    assert (done.garrison, done.version, done.count) == ("OPO", SECOND, len(after))
    assert {d.code for d in after.values() if d.parent == OPOLE} == {"OPO-1", "OPO-2"}
    assert after["OPO-1"].level is Level.BEAT
    assert {d.code for d in after.values() if d.parent != OPOLE} == {
        d.code for d in before.values() if d.parent != OPOLE
    }
    assert {d.version for d in after.values()} == {SECOND}
    # The squares leave most of the city without a beat: said, not refused.
    assert any(line.startswith("OPO: ") and "gaps" in line for line in made.lines)
    assert any("2 districts added" in line for line in made.lines)
    assert seeded.keys[-1] == "OPO/current"


def test_stations_group_beats(seeded: MemoryTopic, write: WriteFile) -> None:
    path = write(
        feature("ST-1", None, level="station", name="Komisariat I", parent=OPOLE),
        feature("OPO-1", square(17.90, 50.66), parent="ST-1"),
        feature("OPO-2", square(17.92, 50.66), parent=OPOLE),
    )
    publish(seeded, plan(seeded, path), AT, AT)
    assert current(seeded)["ST-1"].geometry is None
    # A later file may name the station without repeating it.
    again = write(feature("OPO-7", square(17.90, 50.66), parent="ST-1"))
    publish(seeded, plan(seeded, again, "2026-11-25T00.00.00Z-cccc"), AT, AT)
    after = current(seeded)
    assert (after["OPO-7"].parent, after["ST-1"].parent) == ("ST-1", OPOLE)
    assert "OPO-2" not in after


def test_gminas_of_the_register_by_teryt(seeded: MemoryTopic, write: WriteFile) -> None:
    moved = geo.as_geojson(gminas()["160101"].geometry.buffer(0.001))
    path = write(
        feature("1601011", gmina("160101"), name="Brzeg"),
        *(feature(f"{code}2", gmina(code)) for code in gminas() if code.startswith("1601") and code != "160101"),
    )
    made = plan(seeded, path, level="gmina")
    publish(seeded, made, AT, AT)
    assert current(seeded)["160101"].parent == "KPP-1601"
    assert made.lines == ["OPO: nothing changes"]
    assert faults(seeded, write(feature("1601011", moved), feature("1601022", gmina("160102"))), level="gmina")


def test_a_national_layer_keeps_one_region_s_part(seeded: MemoryTopic, write: WriteFile) -> None:
    codes = [code for code in gminas() if code[:2] in ("14", "16")]
    path = write(*(feature(code, gmina(code), name=gminas()[code].name) for code in codes))
    [districts] = plan(seeded, path, level="gmina", garrison="KSP").sets
    leaves = {d.code for d in districts if d.geometry is not None}
    # Warsaw's polygon is divided among its seven units again.
    assert {"146502", "146519", "143403"} <= leaves
    assert "146501" not in leaves
    assert len(plan(seeded, path, level="gmina").sets) == 3


def test_onto_an_empty_topic_the_rest_is_the_default_set(topic: MemoryTopic, write: WriteFile) -> None:
    path = write(feature("OPO-1", square(17.90, 50.66), parent=OPOLE))
    publish(topic, plan(topic, path), AT, AT)
    after = current(topic)
    assert after["OPO-1"].parent == OPOLE
    assert after["160101"].level is Level.AREA


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({}, "B-1: does not say which unit or station it belongs to"),
        ({"parent": "KMP-9999"}, "B-1: parent KMP-9999 is no unit and no station"),
        ({"parent": "OPO"}, "B-1: parent OPO is no unit"),
        ({"parent": "KGP"}, "B-1: parent KGP is no unit"),
        ({"parent": OPOLE, "level": "district"}, "B-1: level 'district' is none of"),
        ({"parent": "KMP-0264"}, "B-1: belongs to WRO, not to OPO"),
    ],
)
def test_codes_must_be_known(seeded: MemoryTopic, write: WriteFile, properties: dict[str, Any], words: str) -> None:
    found = faults(seeded, write(feature("B-1", square(17.90, 50.66), **properties)), garrison="OPO")
    assert any(fault.startswith(words) for fault in found), found


def test_unknown_powiat_and_garrison(seeded: MemoryTopic, write: WriteFile) -> None:
    path = write(feature("9901011", square(17.90, 50.66)))
    assert faults(seeded, path, level="gmina") == ["9901011: no TERYT code of a known powiat"]
    assert faults(seeded, path, level="gmina", garrison="XXX")[0].startswith("XXX: no garrison; they are WRO, BYD")
    only_wroclaw = write(feature("0264011", gmina("026401")))
    assert faults(seeded, only_wroclaw, level="gmina", garrison="OPO") == ["the file holds nothing of OPO"]


def test_a_gmina_made_lately_is_taken_when_its_powiat_is_known(seeded: MemoryTopic, write: WriteFile) -> None:
    codes = [code for code in gminas() if code.startswith("1601")]
    new = square(17.45, 50.85, 0.001)
    hole = geo.as_geojson(gminas()["160101"].geometry.difference(geo.from_geojson(new)))
    path = write(feature("160199", new), *(feature(c, hole if c == "160101" else gmina(c)) for c in codes))
    [districts] = plan(seeded, path, level="gmina").sets
    assert "160199" in {d.code for d in districts}


def test_duplicates_overlaps_and_missing_geometry(seeded: MemoryTopic, write: WriteFile) -> None:
    path = write(
        feature("B-1", square(17.90, 50.66), parent=OPOLE),
        feature("B-1", square(17.96, 50.66), parent=OPOLE),
        feature("B-2", square(17.91, 50.66), parent=OPOLE),
        feature("B-3", None, parent=OPOLE),
        feature("160101", square(17.98, 50.66), parent=OPOLE),
        feature("S-1", None, level="station", parent=OPOLE),
    )
    found = faults(seeded, path)
    assert "B-1: stands in the file 2 times" in found
    assert "B-3: has no geometry" in found
    assert "S-1: has no geometry" in found
    assert "160101: the code is taken by another district of OPO" in found


def test_overlaps_above_the_tolerance(seeded: MemoryTopic, write: WriteFile) -> None:
    path = write(
        feature("B-1", square(17.90, 50.66), parent=OPOLE), feature("B-2", square(17.9199, 50.66), parent=OPOLE)
    )
    # 0.0001 degrees of longitude by 0.02 of latitude: 7 m by 2.2 km.
    [fault] = faults(seeded, path)
    assert fault.startswith("B-1 and B-2: overlap by 0.0157 km2")
    assert plan(seeded, path, tolerance_m2=20_000.0).sets


def test_a_district_over_another_unit_s_ground_overlaps(seeded: MemoryTopic, write: WriteFile) -> None:
    found = faults(seeded, write(feature("B-1", square(17.47, 50.85, 0.005), parent=OPOLE)))
    assert any("160101" in fault and "overlap" in fault for fault in found), found


def test_outside_poland(seeded: MemoryTopic, write: WriteFile) -> None:
    found = faults(seeded, write(feature("B-1", square(17.5, 50.0), parent=OPOLE)))
    assert any(fault.startswith("B-1: ") and "outside Poland" in fault for fault in found), found


def test_a_message_holds_only_so_much(seeded: MemoryTopic, write: WriteFile, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checking.MAX_BYTES == 8 * 1024 * 1024 - 64 * 1024
    monkeypatch.setattr(checking, "MAX_BYTES", 20_000)
    outline = gminas()["166101"].geometry.buffer(-0.01).segmentize(0.0002)
    found = faults(seeded, write(feature("B-1", geo.as_geojson(outline), parent=OPOLE)))
    assert any(fault.startswith("B-1: ") and "a message holds 20,000" in fault for fault in found), found


def test_a_unit_never_loses_its_last_district(seeded: MemoryTopic, write: WriteFile) -> None:
    station = feature("S-1", None, level="station", parent="KPP-1601")
    assert "S-1: has no geometry" in faults(seeded, write(station))


def test_a_clock_that_goes_wrong_is_noticed(seeded: MemoryTopic, write: WriteFile) -> None:
    path = write(feature("B-1", square(17.90, 50.66), parent=OPOLE))
    with pytest.raises(Refused, match="is this machine's clock right"):
        plan(seeded, path, version="2020-01-01T00.00.00Z-0000")
    assert valid_from_faults(AT + timedelta(days=1), AT)
    assert not valid_from_faults(AT, AT)


@pytest.mark.parametrize("written", [0, 1, 60, "all but the set"])
def test_killed_half_way_nothing_changes(seeded: MemoryTopic, write: WriteFile, written: int | str) -> None:
    made = plan(seeded, write(feature("OPO-1", square(17.90, 50.66), parent=OPOLE)))
    before = current(seeded)
    steps = written if isinstance(written, int) else len(made.sets[0])
    seeded.break_after = len(seeded.records) + steps
    with pytest.raises(published.TopicError):
        publish(seeded, made, AT, AT)
    assert current(seeded) == before
    # Tried again it takes effect, and what the first try left is cleared away with the old version.
    seeded.break_after = None
    again = plan(seeded, write(feature("OPO-1", square(17.90, 50.66), parent=OPOLE)), "2026-11-25T00.00.00Z-cccc")
    publish(seeded, again, AT + timedelta(hours=1), AT)
    assert "OPO-1" in current(seeded)


def test_the_tolerance_is_above_rounding() -> None:
    # A border of 100 km drawn with other vertices on either side, each rounded to a decimetre.
    assert checking.TOLERANCE_M2 >= 0.01 * 100_000
