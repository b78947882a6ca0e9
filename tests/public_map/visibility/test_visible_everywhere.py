"""Every category in every status at every age, asked by every way there is: all show the same, and nothing hidden."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest
from chassis import clock
from chassis.health import Health
from chassis.postgres import Database
from contracts.events.cases import CaseOpened, CaseSupported
from contracts.policy.categories import catalogues
from contracts.statuses import Status
from fastapi.testclient import TestClient
from public_map.api.application import create_api
from public_map.settings import Settings
from support.public_map.public_lives import DAY, PLACE, Life, feed, imported
from support.public_map.public_topic import compacted, outbox_messages
from support.public_map.vector_tiles import layers
from support.stack.databases import Templates

# Of the domain's fact sheet, not of the code: never, and only once confirmed.
NEVER, ONCE_CONFIRMED = {"drug-use", "animal-cruelty"}, {"dangerous-venue"}
CATEGORIES = sorted({category.code for catalogue in catalogues() for category in catalogue.category})
HOUR = timedelta(hours=1)
HISTORY = 50_000
AGES = [timedelta(minutes=5), 7 * DAY - 2 * HOUR, 7 * DAY + 2 * HOUR, 27 * DAY, 32 * DAY, 400 * DAY]
OPEN = {"new", "verification", "confirmed", "referred"}


def shown(category: str, status: str, age: timedelta) -> bool:
    """The rule in other words than the code's. Clocks may change within 7 days, by less than the 2 hours above."""
    if category in NEVER or (category in ONCE_CONFIRMED and status not in ("confirmed", "referred", "eliminated")):
        return False
    lasts = {"unconfirmed": 7 * DAY, "eliminated": 29 * DAY, "rejected": timedelta(0)}
    return status in OPEN or age < lasts[status]


@pytest.fixture(scope="module")
def everything(templates: Templates) -> Iterator[tuple[TestClient, set[str], set[str]]]:
    """A map over all of them; the ids of those that are shown, and of those that are shown and open."""
    clone = templates.clone("public-map")
    store = Database(clone.service)
    lives, seen, open_ones = [], set(), set()
    for number, (category, status, age) in enumerate(product(CATEGORIES, Status, AGES), 1):
        life = Life(number, clock.now() - age - HOUR, category)
        opened = life.change(CaseOpened)
        life.status = status
        lives += [life.submitted(), opened, life.change(CaseSupported, at=clock.now() - age)]
        twin = imported(HISTORY + number, clock.now() - age, category, status=status)
        lives.append(twin)  # another system's follow the same rule; only nobody is offered to support one
        if shown(category, status.value, age):
            seen.add(twin.key)
        if shown(category, status.value, age):
            seen.add(str(life.id))
            if status.value in OPEN:
                open_ones.add(str(life.id))
    feed(store, lives)
    assert {key for key, report in compacted(outbox_messages(store)).items() if report} == seen
    yield (
        TestClient(create_api(store, Settings(kafka_bootstrap="x:1", postgres_dsn=clone.service), Health())),
        seen,
        open_ones,
    )
    store.close()
    templates.drop(clone)


def test_the_list_shows_them(everything: tuple[TestClient, set[str], set[str]]) -> None:
    reader, seen, _ = everything
    found = reader.get("/v1/reports.geojson?limit=2000").json()["features"]
    assert {feature["id"] for feature in found} == seen
    for category, status in product(CATEGORIES, Status):
        asked = {"category": category, "status": status.value, "limit": "2000"}
        ids = {feature["id"] for feature in reader.get("/v1/reports.geojson", params=asked).json()["features"]}
        assert ids <= seen


def test_tiles_show_them(everything: tuple[TestClient, set[str], set[str]]) -> None:
    reader, seen, _ = everything
    # 100 m and exact places alike lie in this tile.
    found = layers(reader.get("/v1/tiles/12/2251/1377.mvt").content)["reports"]
    assert {feature["id"] for feature in found} == seen
    for z in range(5, 12):
        address = f"/v1/tiles/{z}/{2251 >> 12 - z}/{1377 >> 12 - z}.mvt"
        counted = layers(reader.get(address).content)["clusters"]
        assert sum(cluster["count"] for cluster in counted) == len(seen)
        for hidden in sorted(NEVER):
            assert reader.get(address, params={"category": hidden}).status_code == 204
        assert reader.get(address, params={"status": "rejected"}).status_code == 204


def test_nearby_shows_those_that_are_open(everything: tuple[TestClient, set[str], set[str]]) -> None:
    reader, _, open_ones = everything
    for category in CATEGORIES:
        asked: dict[str, str | float] = {"category": category, "longitude": PLACE[0], "latitude": PLACE[1]}
        found = reader.get("/v1/reports/nearby", params=asked).json()["reports"]
        assert {report["report_id"] for report in found} <= open_ones
        assert bool(found) == (category not in NEVER)


def test_figures_count_them(everything: tuple[TestClient, set[str], set[str]]) -> None:
    reader, seen, _ = everything
    for asked in ("unit=KMP-1661", "garrison=OPO", "bbox=17,50,18,51", "bbox=17.9,50.6,17.95,50.7"):
        found = reader.get(f"/v1/statistics?{asked}").json()
        assert found["reports"] == len(seen)
        assert not NEVER & found["by_category"].keys()
        assert "rejected" not in found["by_status"]


def test_no_way_of_asking_tells_more_than_the_cell(
    everything: tuple[TestClient, set[str], set[str]],
) -> None:
    reader, _, _ = everything
    homes = [f for f in reader.get("/v1/reports.geojson?limit=2000").json()["features"]
             if f["properties"]["category"] in ("homeless-person", "begging")]  # fmt: skip
    places = {tuple(home["geometry"]["coordinates"]) for home in homes}
    assert len(places) == 1  # so averaging many tells nothing
    assert PLACE not in places
    # From wherever somebody asks, the distance is to the cell's centre: two true places in it can't be told apart.
    for aside in (0.0, 0.0002, 0.0004):
        asked: dict[str, str | float] = {"category": "begging", "longitude": PLACE[0] + aside, "latitude": PLACE[1]}
        found = reader.get("/v1/reports/nearby", params=asked).json()["reports"]
        assert len({report["distance_m"] for report in found}) <= 1
    # Tiles as deep as they go put all of them into one point.
    deep = layers(reader.get("/v1/tiles/12/2251/1377.mvt", params={"category": "begging"}).content)["reports"]
    assert len({feature["at"] for feature in deep}) == 1
