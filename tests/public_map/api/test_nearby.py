"""What somebody about to send a report is shown of what is there already."""

from chassis import clock
from chassis.postgres import Database
from contracts.events.cases import CaseConfirmed, CaseEliminated, CaseOpened, CaseTakenUp
from fastapi.testclient import TestClient
from support.public_map.public_lives import DAY, PLACE, Life, feed


def life_at(number: int, longitude: float, latitude: float, category: str = "parking") -> Life:
    return Life(number, clock.now() - DAY, category, (longitude, latitude))


def nearby(reader: TestClient, category: str, longitude: float, latitude: float) -> dict[str, int]:
    answer = reader.get(
        "/v1/reports/nearby", params={"category": category, "longitude": longitude, "latitude": latitude}
    )
    assert answer.status_code == 200, answer.text
    return {report["report_id"]: report["distance_m"] for report in answer.json()["reports"]}


def test_nearby_is_what_is_open_public_and_close(store: Database, reader: TestClient) -> None:
    north = 1 / 111_270  # a metre, at this latitude
    here, close, far = (life_at(number, 17.92, 50.67 + metres * north) for number, metres in [(1, 0), (2, 40), (3, 60)])
    other, hidden = life_at(4, 17.92, 50.67, "speeding"), life_at(5, 17.92, 50.67, "drug-use")
    closed = life_at(6, 17.92, 50.67)
    feed(store, [life.change(CaseOpened) for life in (here, close, far, other, hidden, closed)])
    feed(store, [closed.change(CaseTakenUp), closed.change(CaseConfirmed), closed.change(CaseEliminated)])
    assert nearby(reader, "parking", 17.92, 50.67) == {str(here.id): 0, str(close.id): 40}
    assert nearby(reader, "speeding", 17.92, 50.67) == {str(other.id): 0}
    assert nearby(reader, "drug-use", 17.92, 50.67) == {}
    assert nearby(reader, "parking", 14.0, 90.0) == {}


def test_nearby_finds_a_shifted_report_from_its_true_place(store: Database, reader: TestClient) -> None:
    life = life_at(1, *PLACE, "begging")
    feed(store, [life.change(CaseOpened)])
    assert list(nearby(reader, "begging", *PLACE)) == [str(life.id)]


def test_while_the_database_is_away_everyone_is_asked_to_come_back(store: Database, reader: TestClient) -> None:
    store.close()
    refused = reader.get("/v1/reports/nearby?category=parking&longitude=17.92&latitude=50.67")
    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    assert int(refused.headers["Retry-After"]) > 0
