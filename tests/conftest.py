"""What tests stand on: one private stack per run, and per test topics, databases and a Redis database of its own.

In a run of one process the servers start when a test first asks for one, so a run of unit tests needs none of them.
"""

import gc
from collections.abc import Callable, Iterator
from itertools import count
from secrets import token_hex
from typing import Any

import pytest
import structlog
from chassis.kafka.client import connection
from chassis.settings import Settings
from confluent_kafka.admin import AdminClient
from contracts.topics import Topic
from deploy.stack.infrastructure import KAFKA, POSTGRES, REDIS, Stack
from redis import Redis
from support.stack.databases import Clone, Templates, templates_on
from support.stack.servers import SharedServers, private_stack, shared_servers, worker_number
from support.stack.workers import TOGETHER, RoomScheduling, room_of

from deploy.stack import topics as cluster

# A worker has so many Redis databases of its own, of the 256 there are: four workers at most.
REDIS_DATABASES = 60
_redis_numbers = count()


def pytest_configure(config: pytest.Config) -> None:
    """Have several workers share one stack, and tracebacks in logs be plain: in colour, one takes a second."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], renderer])
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SharedServers())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> RoomScheduling:
    """Have a worker take a file at a time, or a folder whose tests share a system."""
    return RoomScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folders that belong together take longest, so they begin."""
    ranks = {name: rank for rank, name in enumerate(TOGETHER)}
    items.sort(key=lambda item: ranks.get(room_of(item.nodeid), len(ranks)))


@pytest.fixture(scope="module", autouse=True)
def _small_heap() -> None:
    """A worker holds thousands of tests; to go over them all again, the collector stops every thread for a second."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Kafka, PostgreSQL and Redis of this run alone; or those the environment names."""
    if servers := shared_servers(request.config):
        yield Stack(tmp_path_factory.mktemp("stack"), durable=False, environ=servers)
    else:
        with private_stack() as private:
            yield private


@pytest.fixture
def namespace() -> str:
    """Sets one test's topics, groups and databases apart from every other's."""
    return f"t{token_hex(4)}."


@pytest.fixture
def topics(stack: Stack, namespace: str) -> Iterator[Callable[..., None]]:
    """Makes topics of the registry in this test's namespace: `topics(REPORT_SUBMITTED, REPORT_ROUTED)`."""
    made: list[str] = []
    settings = Settings(kafka_bootstrap=stack.addresses[KAFKA], namespace=namespace)

    def make(*wanted: Topic) -> None:
        cluster.create(settings, wanted, replication=1)
        made.extend(settings.namespace + topic.name for topic in wanted)

    yield make
    if made:
        # Nobody waits for the end of it: what it saves is the broker's work in the tests that follow.
        AdminClient({**connection(settings), "log_level": 3}).delete_topics(made)


@pytest.fixture
def settings(stack: Stack, namespace: str) -> Settings:
    """What the chassis is told in this test."""
    return Settings(kafka_bootstrap=stack.addresses[KAFKA], namespace=namespace)


@pytest.fixture(scope="session")
def templates(stack: Stack) -> Iterator[Templates]:
    with templates_on(stack.addresses[POSTGRES]) as made:
        yield made


@pytest.fixture
def database(templates: Templates) -> Iterator[Callable[[str], Clone]]:
    """Gives a service a fresh, migrated database: `database("casework").service` is its DSN."""
    made: list[Clone] = []

    def make(service: str) -> Clone:
        made.append(templates.clone(service))
        return made[-1]

    yield make
    for clone in made:
        templates.drop(clone)


@pytest.fixture
def redis_url(stack: Stack, request: pytest.FixtureRequest) -> str:
    """An empty Redis database for this test."""
    number = next(_redis_numbers) % REDIS_DATABASES + 1 + REDIS_DATABASES * worker_number(request.config)
    url = f"{stack.addresses[REDIS].rpartition('/')[0]}/{number}"
    with Redis.from_url(url) as client:
        client.flushdb()
    return url
