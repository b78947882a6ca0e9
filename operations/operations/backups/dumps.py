"""Copies of databases by PostgreSQL's own tools, and the room that is made for one that comes back."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg
from deploy.stack.databases import ServiceDatabase, dsn, ensure
from deploy.stack.process import StackError
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

_INSTALLED = Path("/usr/lib/postgresql")


def dump(admin: str, name: str, file: Path) -> None:
    """Copy a database into a file, as it is at one moment, while everybody goes on. Raises StackError."""
    _run("pg_dump", dsn(admin, None, name), "--format=custom", f"--file={file}")


def load(admin: str, name: str, file: Path) -> None:
    """Fill a new, empty database from a file: all of it, or StackError."""
    _run("pg_restore", dsn(admin, None, name), "--exit-on-error", "--jobs=2", str(file))


def require_tools() -> None:
    """Raises StackError where PostgreSQL's tools are missing."""
    for tool in ("pg_dump", "pg_restore"):
        _path(tool)


def exists(admin: str, name: str) -> bool:
    """Whether there is such a database. Raises psycopg.Error."""
    with psycopg.connect(admin, connect_timeout=10) as connection:
        return connection.execute("select from pg_database where datname = %s", (name,)).fetchone() is not None


def holds_reports(admin: str, name: str) -> bool:
    """Whether a service's database knows of any report. Raises psycopg.Error."""
    with psycopg.connect(dsn(admin, None, name), connect_timeout=10) as connection:
        known = connection.execute("select to_regclass('public.report') is not null").fetchone()
        return bool(known and known[0]) and connection.execute("select from report limit 1").fetchone() is not None


def connected(admin: str, name: str) -> list[str]:
    """Who is connected to a database. Raises psycopg.Error."""
    with psycopg.connect(admin, connect_timeout=10) as connection:
        rows = connection.execute("select usename from pg_stat_activity where datname = %s order by 1", (name,))
        return [str(row[0]) for row in rows]


def make_room(admin: str, database: ServiceDatabase, name: str, given: Mapping[str, str]) -> None:
    """A new, empty database, and the roles of the DSNs given. What an earlier try left goes. Raises psycopg.Error."""
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))
        ensure(connection, admin, name, database, given)


def put_in_place(admin: str, new: str, name: str, aside: str | None) -> None:
    """Let a database be the one that its service uses; the one that was is called `aside` from now on, or is gone where
    that is None. Raises psycopg.Error, as for one that somebody uses.
    """
    rename = sql.SQL("alter database {} rename to {}")
    with psycopg.connect(admin, autocommit=True) as connection:
        if exists(admin, name):
            away = rename.format(sql.Identifier(name), sql.Identifier(aside or ""))
            connection.execute(away if aside else sql.SQL("drop database {}").format(sql.Identifier(name)))
        connection.execute(rename.format(sql.Identifier(new), sql.Identifier(name)))


def _run(tool: str, target: str, *words: str) -> None:
    """Raises StackError with the tool's last words. The password goes by the environment: anybody sees a command."""
    known = {name: str(value) for name, value in conninfo_to_dict(target).items() if value is not None}
    environ = {**os.environ, "PGPASSWORD": known.pop("password", "")}
    command = [_path(tool), f"--dbname={make_conninfo(**known)}", *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environ)
    if done.returncode:
        raise StackError(f"{tool} {known.get('dbname', '')}: {done.stderr.strip()[-500:] or done.returncode}")


def _path(tool: str) -> str:
    """The newest there is: an older one refuses a newer server. Raises StackError."""
    versions = sorted(_INSTALLED.glob(f"*/bin/{tool}"), key=lambda path: -int(path.parts[-3]))
    found = str(versions[0]) if versions else shutil.which(tool)
    if not found:
        raise StackError(f"{tool} is missing: install PostgreSQL's client, of the server's version or a newer one")
    return found
