"""What public-map's tests stand on: databases, a reader of the API, and settings for the service on real Kafka."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.postgres import Database
from chassis.settings import Settings as Common
from contracts.base import Event
from contracts.topics import DEAD_LETTERS, PUBLIC_MAP, PUBLIC_REPORT
from fastapi.testclient import TestClient
from public_map.api.application import create_api
from public_map.app import TOPICS
from public_map.settings import Settings
from support.events import outgoing
from support.public_map.public_topic import TopicReader
from support.stack.databases import Clone


@pytest.fixture
def make_database(database: Callable[[str], Clone]) -> Iterator[Callable[[], Database]]:
    """Gives a new database of the service at each call."""
    made: list[Database] = []

    def make() -> Database:
        made.append(Database(database("public-map").service, size=3))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def store(make_database: Callable[[], Database]) -> Database:
    """The service's database."""
    return make_database()


@pytest.fixture
def reader(store: Database) -> TestClient:
    """Somebody who reads the API over `store`."""
    settings = Settings(kafka_bootstrap="localhost:1", postgres_dsn=store.dsn)
    return TestClient(create_api(store, settings, Health()))


@pytest.fixture
def service_settings(settings: Common, database: Callable[[str], Clone], topics: Callable[..., None]) -> Settings:
    """Settings of the service on this run's Kafka, with its topics made, and a new database."""
    topics(*TOPICS, PUBLIC_REPORT, DEAD_LETTERS[PUBLIC_MAP])
    return Settings(
        kafka_bootstrap=settings.kafka_bootstrap,
        namespace=settings.namespace,
        postgres_dsn=database("public-map").service,
        visibility_check=timedelta(seconds=0.1),
    )


@pytest.fixture
def publish(service_settings: Settings) -> Callable[..., None]:
    """Puts events on the topics the service reads, in their order."""
    publisher = Publisher(service_settings, "test")

    def write(*events: Event) -> None:
        publisher.publish([outgoing(event) for event in events])

    return write


@pytest.fixture
def public_topic(service_settings: Settings) -> Iterator[TopicReader]:
    """Somebody who reads the public topic."""
    reader = TopicReader(service_settings)
    yield reader
    reader.close()
