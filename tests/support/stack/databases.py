"""Databases for tests: each service's is migrated once per run, and every test gets a copy of that.

Every table has a column that no code knows, as the next release may add one: while it is put in place, and when it is
taken back, today's code has to work on its tables (docs/decisions/0103).
"""

import hashlib
from dataclasses import dataclass
from secrets import token_hex

import psycopg
from chassis.postgres import migrations
from deploy.stack.databases import DATABASES, ServiceDatabase
from psycopg import sql

from deploy.stack import databases


@dataclass(frozen=True, slots=True)
class Clone:
    """One test's database, by the DSN of each role that may connect; `api` is casework's alone."""

    name: str
    owner: str
    service: str
    api: str | None


class Templates:
    """Makes copies of migrated databases on one server."""

    def __init__(self, admin: str) -> None:
        self._admin = admin
        self._ready: dict[str, str] = {}

    def clone(self, service: str) -> Clone:
        database = next(each for each in DATABASES if each.service == service)
        name = f"kmzb_test_{token_hex(4)}_{database.package}"
        template = self._ready.get(service) or self._find_or_make_template(database)
        with psycopg.connect(self._admin, autocommit=True) as connection:
            # File by file takes a third of the time that writing each page to the log does, and so does its end.
            copy = sql.SQL("create database {} owner {} template {} strategy file_copy")
            connection.execute(copy.format(*map(sql.Identifier, (name, database.owner, template))))
            databases.ensure_database(connection, name, database)
        dsns = {role: databases.dsn(self._admin, role, name) for role in database.users.values()}
        api = next((dsn for role, dsn in dsns.items() if role.endswith("_api")), None)
        return Clone(name, databases.dsn(self._admin, database.owner, name), dsns[database.role], api)

    def drop(self, clone: Clone) -> None:
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(clone.name)))

    def _find_or_make_template(self, database: ServiceDatabase) -> str:
        """The migrated database, named for its migrations; made by the first of the run's workers that needs it."""
        version = hashlib.sha256(repr(list(migrations(database.package))).encode()).hexdigest()[:8]
        name = f"kmzb_template_{version}_{database.package}"
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute("select pg_advisory_lock(hashtext(%s))", (name,))
            if not connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
                self._make_template(connection, name, database)
        self._ready[database.service] = name
        return name

    def _make_template(self, connection: psycopg.Connection, name: str, database: ServiceDatabase) -> None:
        draft = f"kmzb_draft_{token_hex(4)}_{database.package}"
        for role in (*database.users.values(), database.owner):
            databases.ensure_role(connection, role, databases.password_of(self._admin, role))
        databases.ensure_database(connection, draft, database)
        databases.prepare(self._admin, draft, database)
        databases.bring_up_to_date(self._admin, draft, database)
        _expand(databases.dsn(self._admin, database.owner, draft))
        rename = sql.SQL("alter database {} rename to {}")
        connection.execute(rename.format(sql.Identifier(draft), sql.Identifier(name)))


def tables_of(owner: psycopg.Connection) -> list[tuple[str, str]]:
    """The schema and name of every table a service keeps something in, asked as its owner."""
    return owner.execute(
        "select schemaname, tablename from pg_tables where tableowner = current_user"
        " and tablename <> 'schema_migration' order by 1, 2"
    ).fetchall()


def _expand(owner: str) -> None:
    with psycopg.connect(owner) as connection:
        for table in tables_of(connection):
            add = sql.SQL("alter table {} add column of_the_next_release text not null default 'x'")
            connection.execute(add.format(sql.Identifier(*table)))
