"""PostgreSQL: a pool, transactions, and whether the migrations, plain SQL files, were applied."""

import hashlib
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import resources
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

Connection = psycopg.Connection[DictRow]
# Long enough for the largest batch, short enough that a stuck statement does not hold the vacuum back.
_SESSION = "-c timezone=UTC -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s -c lock_timeout=10s"


class Database:
    """A pool of connections to a service's own database. `committed` is set by each commit: it wakes the relay."""

    def __init__(self, dsn: str, *, size: int = 4) -> None:
        self.dsn = dsn
        self.committed = threading.Event()
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            dsn,
            min_size=1,
            max_size=size,
            open=True,
            kwargs={"row_factory": dict_row, "options": _SESSION},
            check=ConnectionPool.check_connection,
        )

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back by any exception. Nothing else commits."""
        with self._pool.connection() as connection:
            yield connection
        self.committed.set()

    def close(self) -> None:
        self._pool.close()


def database_time(connection: Connection) -> datetime:
    """This moment by the database's clock. Ask once rows are locked: the transaction may have waited for them."""
    row = connection.execute("select clock_timestamp() as at").fetchone()
    assert row is not None
    at: datetime = row["at"]
    return at


def columns(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """Rows as one list per column, for unnest; [] for none. In the order of the first, so that locks have one order."""
    ordered = sorted(rows, key=lambda row: row[:1])
    return [list(column) for column in zip(*ordered, strict=True)]


def require_migrated(database: Database, package: str) -> None:
    """Raises RuntimeError when the database is not what the code expects."""
    with database.transaction() as connection:
        done = {row["name"] for row in connection.execute("select name from schema_migration")}
    if missing := [name for name, _, _ in migrations(package) if name not in done]:
        raise RuntimeError(f"migrations not applied: {', '.join(missing)}; run `kmzb setup`")


def migrations(package: str) -> Iterator[tuple[str, str, str]]:
    """The shell's own files, then the package's, by name: name, text, SHA-256."""
    for owner in ("chassis", package):
        files: list[Any] = list((resources.files(owner) / "migrations").iterdir())
        for file in sorted(files, key=lambda each: each.name):
            if file.name.endswith(".sql"):
                text = file.read_text(encoding="utf-8")
                yield f"{owner}/{file.name}", text, hashlib.sha256(text.encode()).hexdigest()
