"""Another system's reports are on the map as history, however often what is said of them comes."""

from collections.abc import Callable
from typing import Any

from chassis import clock
from chassis.postgres import Database
from contracts.events.cases import CaseOpened
from contracts.statuses import Status
from contracts.topics import HISTORY, PUBLIC_MAP
from fastapi.testclient import TestClient
from public_map.domain.precision import public_position
from support.public_map.public_lives import DAY, PLACE, Life, feed, imported
from support.public_map.public_topic import outbox_messages, published, reports_on_map

YESTERDAY = clock.now() - DAY


def test_nobody_but_the_map_hears_of_them() -> None:
    assert HISTORY.readers == (PUBLIC_MAP,)


def test_however_often_it_comes_the_newest_version_is_shown(make_database: Callable[[], Database]) -> None:
    said = [
        imported(1, YESTERDAY, "begging"),
        imported(1, YESTERDAY, "parking", version=2),
        imported(1, YESTERDAY, "parking", version=3, status=Status.REFERRED),
    ]
    found = []
    # As the log gives them: in the order of versions, some of it again after a restart.
    for order in ((1, 2, 3), (1, 1, 2, 3), (1, 2, 1, 2, 3), (1, 2, 3, 2, 3)):
        store = make_database()
        for version in order:
            feed(store, [said[version - 1]])
        before = len(outbox_messages(store))
        feed(store, said)
        assert len(outbox_messages(store)) == before
        found.append(reports_on_map(store))
    assert all(each == found[0] for each in found)
    [shown] = found[0].values()
    assert (shown.version, shown.status, shown.imported) == (3, Status.REFERRED, True)
    # What was once said to be begging is never shown more exactly.
    assert (shown.longitude, shown.latitude) == public_position(*PLACE, 100) != PLACE


def test_one_that_is_rejected_there_leaves_the_map(store: Database) -> None:
    feed(store, [imported(1, YESTERDAY)])
    feed(store, [imported(1, YESTERDAY, version=2, status=Status.REJECTED)])
    assert [report is None for _, report in published(store)] == [False, True]
    assert reports_on_map(store) == {}


def test_it_is_told_from_our_own_and_promises_nothing(store: Database, reader: TestClient) -> None:
    ours = Life(2, YESTERDAY)
    feed(store, [imported(1, YESTERDAY), ours.submitted(), ours.change(CaseOpened)])
    here = {"category": "parking", "longitude": PLACE[0], "latitude": PLACE[1]}
    offered = reader.get("/v1/reports/nearby", params=here).json()["reports"]
    assert [each["report_id"] for each in offered] == [str(ours.id)]
    for asked in (True, False):
        [item] = features(reader, f"?imported={str(asked).lower()}")
        assert item["properties"]["imported"] == asked
    assert len(features(reader, "")) == 2
    requests = reader.get("/open311/v2/requests.json?extensions=true").json()
    promised = {each["extended_attributes"]["imported"]: each["expected_datetime"] for each in requests}
    assert promised[True] is None
    assert promised[False] is not None
    assert reader.get("/v1/statistics?unit=KMP-1661").json()["reports"] == 2


def features(reader: TestClient, asked: str) -> list[dict[str, Any]]:
    answer = reader.get(f"/ogc/collections/reports/items{asked}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["features"]
    return found
