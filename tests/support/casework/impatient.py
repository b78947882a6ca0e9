"""A database of an officer who does not wait."""

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.postgres import Connection, Database


class Impatient(Database):
    """Waits for a lock a fifth of a second, not ten."""

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with super().transaction() as connection:
            connection.execute("set local lock_timeout = '200ms'")
            yield connection
