"""Databases of the clocks: one for all tests that commit nothing, a fresh one for each that does. And the service."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from chassis.health import Health
from chassis.postgres import Connection, Database
from chassis.relay import Relay
from chassis.run import Worker
from chassis.settings import Settings as Shared
from contracts.policy.terms import Policy
from contracts.topics import (
    CASE_CHANGED,
    CASEWORK,
    CLOCK,
    DEAD_LETTERS,
    PROGRESS,
    REPORT_ROUTED,
    REPORT_SUBMITTED,
    SLA_MONITOR,
)
from psycopg.rows import dict_row
from pydantic import SecretStr
from sla_monitor.app import workers
from sla_monitor.settings import Settings
from support.sla_monitor.service import Start
from support.stack.databases import Clone, Templates


@pytest.fixture(scope="session")
def uncommitted(templates: Templates) -> Iterator[str]:
    """The DSN of a database in which nothing is ever committed."""
    clone = templates.clone("sla-monitor")
    yield clone.service
    templates.drop(clone)


@pytest.fixture
def connection(uncommitted: str) -> Iterator[Connection]:
    """A connection as the service has it, in a transaction that is rolled back."""
    with Connection.connect(uncommitted, row_factory=dict_row, options="-c timezone=UTC") as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def connect(database: Callable[[str], Clone]) -> Iterator[Callable[[], Connection]]:
    """Makes connections to one fresh database, for tests that commit."""
    dsn = database("sla-monitor").service
    opened: list[Connection] = []

    def make() -> Connection:
        opened.append(Connection.connect(dsn, row_factory=dict_row, options="-c timezone=UTC"))
        return opened[-1]

    yield make
    for connection in opened:
        connection.close()


@pytest.fixture
def casework(database: Callable[[str], Clone]) -> Iterator[Database]:
    """The database of casework, whose outbox holds the stops."""
    opened = Database(database(CASEWORK).service)
    yield opened
    opened.close()


@pytest.fixture
def casework_relay(settings: Shared, casework: Database) -> Callable[[], Worker]:
    """Makes what publishes casework's outbox and says how far it is."""
    return lambda: Relay(settings, CASEWORK, casework, Health(), tells_progress=True)


@pytest.fixture
def start(settings: Shared, topics: Callable[..., None], database: Callable[[str], Clone]) -> Iterator[Start]:
    """The service's workers, on the topics and the database of this test."""
    topics(REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED, PROGRESS, CLOCK, DEAD_LETTERS[SLA_MONITOR])
    dsn = SecretStr(database(SLA_MONITOR).service)
    opened: list[Database] = []

    def make(policy: Policy, **more: Any) -> list[Worker]:
        own = {**settings.model_dump(), "postgres_dsn": dsn, "gauges_every": timedelta(seconds=0.1), **more}
        opened.append(Database(dsn.get_secret_value()))
        return list(workers(Settings(**own), opened[-1], Health("consumer"), policy).values())

    yield make
    for database_opened in opened:
        database_opened.close()
