"""A database with the shell's own tables and one for effects."""

from collections.abc import Iterator
from importlib import resources
from secrets import token_hex

import psycopg
import pytest
from chassis.postgres import Database
from deploy.stack.infrastructure import POSTGRES, Stack
from psycopg import sql

EFFECTS = """
create table effect (report_id uuid primary key, times int not null default 1, words text check (words <> 'refuse me'))
"""


@pytest.fixture
def effects_dsn(stack: Stack) -> Iterator[str]:
    """The address of a fresh database with outbox, blocked keys and a table of effects."""
    admin, name = stack.addresses[POSTGRES], f"kmzb_test_{token_hex(4)}_chassis"
    shell = sorted((resources.files("chassis") / "migrations").iterdir(), key=lambda file: file.name)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    dsn = f"{admin.rpartition('/')[0]}/{name}"
    with psycopg.connect(dsn) as connection:
        for file in shell:
            connection.execute(file.read_bytes())
        connection.execute(EFFECTS)
    yield dsn
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def effects(effects_dsn: str) -> Iterator[Database]:
    database = Database(effects_dsn)
    yield database
    database.close()
