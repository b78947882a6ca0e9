"""A database for a peer, on the same server as the services' and under a role of its own, so that it is counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex

import psycopg
from deploy.stack.infrastructure import POSTGRES
from psycopg import sql

from bench.core.cpu import Meter
from bench.stand.running import Bench
from deploy.stack import databases

ROLE = "kmzb_bench"


@dataclass(frozen=True, slots=True)
class PeerDatabase:
    """Its name; how a peer connects; how the bench does, whose own work is not counted."""

    name: str
    dsn: str
    admin: str

    def meter(self, bench: Bench, *roots: int) -> Meter:
        """Reads the CPU of processes and of the backends that work for them here."""
        return Meter(roots, bench.pid(POSTGRES), frozenset({self.name}))


@contextmanager
def peer_database(bench: Bench, *, postgis: bool = False) -> Iterator[PeerDatabase]:
    """An empty database, dropped at the end."""
    admin = bench.stack.addresses[POSTGRES]
    name = f"kmzb_bench_{token_hex(3)}"
    with psycopg.connect(admin, autocommit=True) as connection:
        databases.ensure_role(connection, ROLE, databases.password_of(admin, ROLE))
        connection.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(ROLE)))
    made = PeerDatabase(name, databases.dsn(admin, ROLE, name), databases.dsn(admin, None, name))
    if postgis:
        with psycopg.connect(made.admin, autocommit=True) as connection:
            connection.execute("create extension postgis")
    try:
        yield made
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
