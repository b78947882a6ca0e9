"""PostgreSQL: a pool, transactions, what is done after their commit, and whether the migrations were applied."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from importlib import resources
from time import monotonic
from typing import Any, ParamSpec

import msgspec
import psycopg
from contracts.values.instants import EARLIEST, LAST, nearest_instant
from psycopg import OperationalError as OperationalError
from psycopg.abc import Buffer
from psycopg.rows import DictRow, dict_row
from psycopg.types.datetime import TimestamptzLoader
from psycopg_pool import ConnectionPool

P = ParamSpec("P")
# Of a server that went away within it, whoever comes first meets the error; to ask each time is a trip for nothing.
_TRUSTED_SECONDS = 1.0
# Long enough for the largest batch, short enough that a stuck statement does not hold the vacuum back.
_SESSION = "-c timezone=UTC -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s"


class _InstantLoader(TimestamptzLoader):
    """Reads an instant no admitted one is, which Python may not even have, as the end of the range it lies beyond.

    What is written is checked; a row that is wrong all the same must not hide every other row of a page.
    """

    def load(self, data: Buffer) -> datetime:
        text = bytes(data)
        try:
            # A third of the time that the way below takes; a batch reads thousands.
            return nearest_instant(datetime.fromisoformat(text.decode()))
        except ValueError:
            pass
        try:
            return nearest_instant(super().load(data))
        except psycopg.DataError:
            return EARLIEST if text.endswith(b"BC") or text == b"-infinity" else LAST


class Connection(psycopg.Connection[DictRow]):
    """A connection whose rows are dictionaries by column, and which does things once what it wrote is committed."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.adapters.register_loader("timestamptz", _InstantLoader)
        self._after_commit: list[Callable[[], object]] = []
        self._used_at = monotonic()

    def after_commit(self, action: Callable[P, object], *args: P.args, **named: P.kwargs) -> None:
        """Call this once after this transaction's commit, and not at all if it is rolled back.

        For what can't be rolled back, above all counters: a transaction may be tried again, or done again event by
        event. The action must not fail, and can't use this connection. Raises RuntimeError where nothing commits.
        """
        if self.autocommit:
            raise RuntimeError("this connection has no transaction to wait for")
        self._after_commit.append(partial(action, *args, **named))

    def commit(self) -> None:
        """Commit, then do what waited for it."""
        actions, self._after_commit = self._after_commit, []
        super().commit()
        self._used_at = monotonic()
        for action in actions:
            action()

    def rollback(self) -> None:
        """Roll back, and forget what waited for the commit."""
        self._after_commit = []
        super().rollback()

    def check(self) -> None:
        """Raises OperationalError where the server has gone since; asked only of what was idle for a while."""
        if monotonic() - self._used_at > _TRUSTED_SECONDS:
            ConnectionPool.check_connection(self)


class Database:
    """A pool of connections to a service's own database. `committed` is set by each commit: it wakes the relay.

    Whoever waits for a lock longer than `lock_timeout` gets LockNotAvailable.
    """

    def __init__(self, dsn: str, *, size: int = 4, lock_timeout: timedelta = timedelta(seconds=10)) -> None:
        self.dsn = dsn
        self.committed = threading.Event()
        milliseconds = lock_timeout // timedelta(milliseconds=1)
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            dsn,
            min_size=1,
            max_size=size,
            open=True,
            connection_class=Connection,
            kwargs={"row_factory": dict_row, "options": f"{_SESSION} -c lock_timeout={milliseconds}"},
            check=Connection.check,
        )

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back by any exception. Nothing else commits."""
        with self._pool.connection() as connection:
            yield connection
        self.committed.set()

    def close(self) -> None:
        """Close the pool; a connection in use is closed when it comes back."""
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


def as_json(rows: Any) -> str:
    """A row by column, or a list of them, as JSON for jsonb_populate_recordset: where `columns` can't hold arrays."""
    return msgspec.json.encode(rows).decode()


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
        for file in sorted(files, key=lambda file: file.name):
            if file.name.endswith(".sql"):
                text = file.read_text(encoding="utf-8")
                yield f"{owner}/{file.name}", text, hashlib.sha256(text.encode()).hexdigest()
