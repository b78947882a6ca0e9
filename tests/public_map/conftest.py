"""A reader of the service's API, and the database behind it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from chassis.health import Health
from chassis.postgres import Database
from chassis.settings import Settings as Common
from contracts.topics import DEAD_LETTERS, PUBLIC_MAP, PUBLIC_REPORT
from fastapi.testclient import TestClient
from public_map.api import create_api
from public_map.app import TOPICS
from public_map.settings import Settings


@pytest.fixture
def known(database: Callable[[str], Any]) -> Iterator[Database]:
    made = Database(database("public-map").service, size=2)
    yield made
    made.close()


@pytest.fixture
def reader(known: Database) -> TestClient:
    settings = Settings(kafka_bootstrap="localhost:1", postgres_dsn=known.dsn)
    return TestClient(create_api(known, settings, Health()))


@pytest.fixture
def own(settings: Common, database: Callable[[str], Any], topics: Callable[..., None]) -> Settings:
    topics(*TOPICS, PUBLIC_REPORT, DEAD_LETTERS[PUBLIC_MAP])
    return Settings(
        kafka_bootstrap=settings.kafka_bootstrap,
        namespace=settings.namespace,
        postgres_dsn=database("public-map").service,
        visibility_check=timedelta(seconds=0.1),
    )
