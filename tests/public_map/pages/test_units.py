"""Pages of units and districts: who answers where, as the districts now are."""

import pytest
from chassis.health import Health
from chassis.postgres import Database
from districts.index import index_of
from fastapi.testclient import TestClient
from public_map.api.application import create_api
from public_map.districts import Districts
from public_map.settings import Settings
from support.districts import UNIT, UNIT_NAME, area, leaves, polygon, square

HALVES = [area("R1", polygon(square(17.9, 50.6, 18.0, 50.7))), area("R2", polygon(square(18.0, 50.6, 18.1, 50.7)))]


def client_of(store: Database, *, complete: bool = True, embedding: str = "https:") -> TestClient:
    settings = Settings(kafka_bootstrap="localhost:1", postgres_dsn=store.dsn, embedding=embedding)
    districts = Districts(settings, Health())
    if complete:
        districts.index = index_of(leaves(*HALVES), complete=True)
    return TestClient(create_api(store, settings, Health(), districts), headers={"Accept": "text/html"})


def test_a_units_area_is_its_districts_together(store: Database) -> None:
    found = client_of(store).get(f"/v1/units/{UNIT}").json()
    assert found["unit_name"] == UNIT_NAME
    assert found["bbox"] == pytest.approx([17.9, 50.6, 18.1, 50.7])
    assert found["outline"]["type"] == "Polygon"
    assert len(found["outline"]["coordinates"]) == 1, "no line is left where the districts meet"


def test_a_unit_has_a_page_that_names_its_districts_and_how_to_show_it_elsewhere(store: Database) -> None:
    page = client_of(store).get(f"/u/{UNIT}?lang=en")
    assert page.status_code == 200
    assert UNIT_NAME in page.text
    assert 'href="/d/R1"' in page.text
    assert f"/embed/u/{UNIT}&#34;" in page.text or f'/embed/u/{UNIT}"' in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


def test_only_the_page_for_it_may_be_framed_and_only_by_those_of_the_setting(store: Database) -> None:
    client = client_of(store, embedding="https://opole.example.pl, https://gmina.example.pl")
    page = client.get(f"/embed/u/{UNIT}")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors https://opole.example.pl https://gmina.example.pl" in policy
    assert "set-cookie" not in page.headers


def test_a_district_names_who_answers_and_what_is_not_known(store: Database) -> None:
    page = client_of(store).get("/d/R2?lang=en")
    assert page.status_code == 200
    assert f'href="/u/{UNIT}"' in page.text
    assert "has not published" in page.text


@pytest.mark.parametrize("path", ["/u/KPP-9999", "/embed/u/KPP-9999", "/d/R9", "/v1/units/KPP-9999"])
def test_who_does_not_answer_has_no_page_and_who_is_not_read_yet_neither(store: Database, path: str) -> None:
    assert client_of(store).get(path).status_code == 404
    assert client_of(store, complete=False).get(path).status_code == 503
