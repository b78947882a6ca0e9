"""Blocked keys: what a stateful service sets aside, because an earlier event under the same key could not be used."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from deploy.stack.databases import DATABASES
from deploy.stack.infrastructure import POSTGRES
from deploy.stack.process import StackError
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class BlockedKey:
    """One key of one topic that the service sets aside: what it is found by, and as people are shown it."""

    topic: str
    key_sha256: bytes
    key: str
    reason: str
    since: datetime


def dsn_of(service: str, addresses: Mapping[str, str]) -> str | None:
    """The service's database as the service itself reaches it; None for one without. Raises StackError."""
    for database in DATABASES:
        if database.service == service:
            variable = next(name for name, role in database.users.items() if role == database.role)
            if not addresses.get(variable):
                raise StackError(f"{variable} is not set (nor {POSTGRES}), so nobody knows which keys {service} blocks")
            return addresses[variable]
    return None


def list_blocked_keys(service: str, dsn: str) -> list[BlockedKey]:
    """The service's blocked keys, the oldest first. Raises StackError."""
    query = "select topic, key_sha256, key, reason, since from blocked order by since, topic, key"
    with _connection(service, dsn) as connection, connection.cursor(row_factory=class_row(BlockedKey)) as cursor:
        return cursor.execute(query).fetchall()


def delete_blocked_keys(service: str, dsn: str, keys: Collection[tuple[str, bytes]]) -> int:
    """Let these (topic, hash of the key) take effect again; gives how many were blocked. Raises StackError."""
    topics, hashes = [topic for topic, _ in keys], [key_sha256 for _, key_sha256 in keys]
    with _connection(service, dsn) as connection:
        delete = "delete from blocked where (topic, key_sha256) in (select * from unnest(%b::text[], %b::bytea[]))"
        return connection.execute(delete, (topics, hashes)).rowcount


@contextmanager
def _connection(service: str, dsn: str) -> Iterator[psycopg.Connection]:
    try:
        with psycopg.connect(dsn, connect_timeout=10) as connection:
            yield connection
    except psycopg.Error as failed:
        raise StackError(f"{service}'s database: {failed}") from failed
