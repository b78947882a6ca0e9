"""Generated beats: as many as there should be, on every piece of ground, and fit to import."""

from collections import Counter
from pathlib import Path

import pytest
from boundaries.areas import administrative, geo, units
from boundaries.importing.plan import ImportPlan, ImportRequest, import_plan, publish
from support.boundaries import AT, SECOND, MemoryTopic

from boundaries import beats, published


def test_a_garrison_s_beats_import(seeded: MemoryTopic, tmp_path: Path) -> None:
    path = tmp_path / "beats.geojson.gz"
    made = beats.generate(seed=1, garrison="OPO")
    geo.write_features(path, made)
    [districts] = import_plan(ImportRequest(path, garrison="OPO"), published.read_published(seeded), SECOND).sets
    leaves = [d for d in districts if d.geometry is not None]
    assert len(leaves) == len(made)
    assert {d.parent for d in leaves} == {unit.code for unit in units.units_of("OPO")}
    publish(seeded, ImportPlan([districts], []), AT, AT)


def test_every_gmina_has_a_beat_and_people_decide_how_many() -> None:
    made = beats.generate(seed=1, garrison="OPO")
    counts = Counter(properties["code"][:6] for properties, _ in made)
    mine = {code: gmina for code, gmina in administrative.gminas().items() if code.startswith("16")}
    assert set(counts) == set(mine)
    assert counts["166101"] == round(mine["166101"].population / beats.PEOPLE_PER_BEAT)
    assert beats.generate(seed=1, garrison="OPO")[7][1].equals(made[7][1])


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_country_has_about_eight_thousand(seeded: MemoryTopic, tmp_path: Path) -> None:
    made = beats.generate()
    assert 7_500 <= len(made) <= 8_500
    path = tmp_path / "beats.geojson.gz"
    geo.write_features(path, made)
    plan = import_plan(ImportRequest(path), published.read_published(seeded), SECOND)
    assert len(plan.sets) == 17
