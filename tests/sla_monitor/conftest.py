"""Databases of the clocks: one for all tests that commit nothing, a fresh one for each that does."""

from collections.abc import Callable, Iterator

import pytest
from chassis.postgres import Connection
from psycopg.rows import dict_row
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
