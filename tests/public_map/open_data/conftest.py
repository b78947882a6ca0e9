"""A map with reports of two powiats."""

from collections.abc import Callable

import pytest
from chassis import clock
from chassis.health import Health
from chassis.postgres import Database
from contracts.events.cases import CaseChange, CaseConfirmed, CaseOpened, CaseTakenUp
from districts.index import index_of
from fastapi.testclient import TestClient
from public_map.api.application import create_api
from public_map.districts import Districts
from public_map.settings import Settings
from support.districts import area, leaves, polygon, square
from support.public_map.public_lives import DAY, Life, feed

TOWN, COUNTY = (17.92, 50.67), (18.05, 50.65)
GMINAS = [
    area("1661011", polygon(square(17.9, 50.6, 18.0, 50.7)), teryt="1661011"),
    area("1609012", polygon(square(18.0, 50.6, 18.05, 50.7)), teryt="1609012"),
    area("1609022", polygon(square(18.05, 50.6, 18.1, 50.7)), teryt="1609022"),
]


@pytest.fixture
def open_data(store: Database) -> TestClient:
    """Somebody who reads it; the districts are known."""
    settings = Settings(kafka_bootstrap="localhost:1", postgres_dsn=store.dsn, url="https://mapa.example.org")
    districts = Districts(settings, Health())
    districts.index = index_of(leaves(*GMINAS), complete=True)
    return TestClient(create_api(store, settings, Health(), districts))


@pytest.fixture
def lives(store: Database) -> list[Life]:
    """Reports by turns in the town and beyond, an hour after each other; every third is confirmed."""
    return make_lives(store)(30)


def make_lives(store: Database) -> Callable[[int], list[Life]]:
    """Makes so many."""

    def make(count: int) -> list[Life]:
        made, at = [], clock.now() - 5 * DAY
        for number in range(1, count + 1):
            category, place = ("begging", TOWN) if number % 2 else ("parking", COUNTY)
            life = Life(number, at + number * DAY / 24, category, place)
            kinds: list[type[CaseChange]] = [CaseOpened]
            if number % 3 == 0:
                kinds += [CaseTakenUp, CaseConfirmed]
            feed(store, [life.submitted(), life.routed(), *map(life.change, kinds)])
            made.append(life)
        return made

    return make
