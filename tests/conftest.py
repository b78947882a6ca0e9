"""What tests stand on: one private stack per run, and per test topics, databases and a Redis database of its own.

The servers start when a test first asks for one, so a run of unit tests needs none of them.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from secrets import token_hex

import pytest
from chassis.settings import Settings
from confluent_kafka.admin import AdminClient
from contracts.topics import Topic
from deploy.stack.infrastructure import KAFKA, POSTGRES, REDIS, Stack
from redis import Redis
from support.databases import Clone, Templates
from support.leftovers import remove_leftovers

from deploy.stack import topics as cluster

RUNS = Path(__file__).resolve().parents[1] / ".stack" / "test"
_redis_numbers = count()


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Kafka, PostgreSQL and Redis of this run alone; or those the environment names."""
    remove_leftovers(RUNS)
    root = RUNS / f"{os.getpid()}-{token_hex(3)}"
    private = Stack(root, durable=False)
    try:
        private.start()
        yield private
    finally:
        private.stop()
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def namespace() -> str:
    """Sets one test's topics, groups and databases apart from every other's."""
    return f"t{token_hex(4)}."


@pytest.fixture
def topics(stack: Stack, namespace: str) -> Iterator[Callable[..., None]]:
    """Makes topics of the registry in this test's namespace: `topics(REPORT_SUBMITTED, REPORT_ROUTED)`."""
    made: list[str] = []

    def make(*wanted: Topic) -> None:
        cluster.create(stack.addresses[KAFKA], namespace, replication=1, topics=wanted)
        made.extend(namespace + topic.name for topic in wanted)

    yield make
    if made:
        # Nobody waits for the end of it: what it saves is the broker's work in the tests that follow.
        AdminClient({"bootstrap.servers": stack.addresses[KAFKA], "log_level": 3}).delete_topics(made)


@pytest.fixture
def settings(stack: Stack, namespace: str) -> Settings:
    """What the chassis is told in this test."""
    return Settings(kafka_bootstrap=stack.addresses[KAFKA], namespace=namespace)


@pytest.fixture(scope="session")
def _templates(stack: Stack) -> Templates:
    return Templates(stack.addresses[POSTGRES])


@pytest.fixture
def database(_templates: Templates) -> Iterator[Callable[[str], Clone]]:
    """Gives a service a fresh, migrated database: `database("casework").service` is its DSN."""
    made: list[Clone] = []

    def make(service: str) -> Clone:
        made.append(_templates.clone(service))
        return made[-1]

    yield make
    for clone in made:
        _templates.drop(clone)


@pytest.fixture
def redis_url(stack: Stack) -> str:
    """An empty Redis database for this test."""
    number = next(_redis_numbers) % 200 + 1
    url = f"{stack.addresses[REDIS].rpartition('/')[0]}/{number}"
    with Redis.from_url(url) as client:
        client.flushdb()
    return url
