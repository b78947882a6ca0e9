"""Databases for tests: each service's is migrated once per run, and every test gets a copy of that.

Every table has a column that no code knows, as the next release may add one: while it is put in place, and when it is
taken back, today's code has to work on its tables (docs/decisions/0103).
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
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
    """Makes copies of migrated databases on one server, and one ahead of each service that a test has asked for.

    A thread makes them and drops those of earlier tests while tests run: neither is anything a test should wait for.
    """

    def __init__(self, admin: str, beside: ThreadPoolExecutor) -> None:
        self._admin, self._beside = admin, beside
        self._ready: dict[str, str] = {}
        self._ahead: dict[str, Future[Clone]] = {}
        self._dropping: list[Future[None]] = []

    def clone(self, service: str) -> Clone:
        """A database of this service that nobody else has. Raises what made it fail."""
        ahead = self._ahead.pop(service, None)
        clone = ahead.result() if ahead else self._make(service)
        self._ahead[service] = self._beside.submit(self._make, service)
        return clone

    def drop(self, clone: Clone) -> None:
        """Drop it soon. Raises what an earlier one failed with."""
        for done in [each for each in self._dropping if each.done()]:
            self._dropping.remove(done)
            done.result()
        self._dropping.append(self._beside.submit(self._drop, clone))

    def close(self) -> None:
        """Drop those nobody asked for, and wait until all are gone. Raises what one failed with."""
        for ahead in self._ahead.values():
            self._drop(ahead.result())
        for each in self._dropping:
            each.result()

    def _make(self, service: str) -> Clone:
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

    def _drop(self, clone: Clone) -> None:
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


@contextmanager
def templates_on(admin: str) -> Iterator[Templates]:
    """Copies of databases on this server, all dropped at the end."""
    with ThreadPoolExecutor(1, thread_name_prefix="databases") as beside:
        made = Templates(admin, beside)
        yield made
        made.close()


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
