"""The services' databases: who owns them, who uses them, and how they come to be.

Each stateful service has a database, an owner that only migrates it, and a role that only uses it. The roles have the
same names everywhere, because migrations name them; databases carry the namespace, and the name of a region's instance
(docs/decisions/0100), which has those of three services.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import LiteralString
from urllib.parse import quote, urlencode

import psycopg
from chassis.postgres import migrations
from contracts.policy.regions import NATIONAL
from contracts.topics import CASEWORK, NOTIFIER, PUBLIC_MAP, SLA_MONITOR
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from deploy.access.rules import IN_REGIONS
from deploy.stack.process import StackError

_IN_USE_SECONDS, _PAUSE_SECONDS = 60.0, 0.2
# Shorter than the time after which PostgreSQL looks for deadlocks (1 s), so that no service ever has to give way.
_WAITS_FOR_A_TABLE: LiteralString = "set local lock_timeout = '400ms'"


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """What one service keeps. `users` maps the variable that holds a DSN to the role that connects with it."""

    service: str
    users: Mapping[str, str]
    geometry: bool = False

    @property
    def package(self) -> str:
        return self.service.replace("-", "_")

    @property
    def role(self) -> str:
        return f"kmzb_{self.package}"

    @property
    def owner(self) -> str:
        return f"{self.role}_owner"

    def name(self, namespace: str, instance: str = NATIONAL) -> str:
        """The database of an instance in a namespace."""
        whose = namespace if instance == NATIONAL else f"{namespace}_{instance}"
        return "_".join(filter(None, ("kmzb", re.sub(r"[^a-z0-9]+", "_", whose).strip("_"), self.package)))


DATABASES = (
    ServiceDatabase(
        CASEWORK,
        {"KMZB_CASEWORK_POSTGRES_DSN": "kmzb_casework", "KMZB_CASEWORK_API_POSTGRES_DSN": "kmzb_casework_api"},
        geometry=True,
    ),
    ServiceDatabase(SLA_MONITOR, {"KMZB_SLA_MONITOR_POSTGRES_DSN": "kmzb_sla_monitor"}),
    ServiceDatabase(NOTIFIER, {"KMZB_NOTIFIER_POSTGRES_DSN": "kmzb_notifier"}),
    ServiceDatabase(PUBLIC_MAP, {"KMZB_PUBLIC_MAP_POSTGRES_DSN": "kmzb_public_map"}, geometry=True),
)


def of_instance(instance: str) -> tuple[ServiceDatabase, ...]:
    """What an instance keeps: the nation's all there is, a region's what it answers with for its garrisons."""
    return tuple(each for each in DATABASES if instance == NATIONAL or each.service in IN_REGIONS)


def dsns(admin: str, namespace: str, instance: str = NATIONAL) -> dict[str, str]:
    """Every service's DSN by the variable that holds it. The owners' stay here: no service may change its tables."""
    return {
        variable: dsn(admin, role, database.name(namespace, instance))
        for database in of_instance(instance)
        for variable, role in database.users.items()
    }


def create(admin: str, namespace: str, given: Mapping[str, str] | None = None, instance: str = NATIONAL) -> list[str]:
    """Make an instance's roles and databases that are missing and migrate all; gives the migrations applied.

    `given` are DSNs the services already have: their roles then get the passwords that stand in them.
    """
    wanted = {**dsns(admin, namespace, instance), **(given or {})}

    def make(database: ServiceDatabase) -> list[str]:
        name = database.name(namespace, instance)
        with psycopg.connect(admin, autocommit=True) as connection:
            # Two set-ups of one system take turns: "if not exists" does not save them from each other. The lock ends
            # with the connection.
            connection.execute("select pg_advisory_lock(hashtext(%s))", (name,))
            ensure(connection, admin, name, database, wanted)
            prepare(admin, name, database)
            return bring_up_to_date(admin, name, database)

    with ThreadPoolExecutor(len(DATABASES)) as pool:
        return [name for applied in pool.map(make, of_instance(instance)) for name in applied]


def ensure(
    connection: psycopg.Connection, admin: str, name: str, database: ServiceDatabase, given: Mapping[str, str]
) -> None:
    """A service's roles and its database, empty if it is new. `given` are the DSNs whose passwords the roles have."""
    roles = {role: _password_in(given[variable]) for variable, role in database.users.items()}
    for role, password in {**roles, database.owner: password_of(admin, database.owner)}.items():
        ensure_role(connection, role, password)
    ensure_database(connection, name, database)


def ensure_role(connection: psycopg.Connection, role: str, password: str) -> None:
    """A role that may log in with this password and nothing more."""
    with connection.transaction():
        # Systems that share a server share its roles, and may be set up at the same time.
        connection.execute("select pg_advisory_xact_lock(hashtext(%s))", (role,))
        if not connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone():
            connection.execute(sql.SQL("create role {}").format(sql.Identifier(role)))
        change = sql.SQL("alter role {} login nosuperuser nocreatedb nocreaterole password {}")
        connection.execute(change.format(sql.Identifier(role), sql.Literal(password)))


def ensure_database(connection: psycopg.Connection, name: str, database: ServiceDatabase) -> None:
    """The database, owned by its owner, closed to everybody but the service's roles."""
    if not connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
        make = sql.SQL("create database {} owner {}")
        connection.execute(make.format(sql.Identifier(name), sql.Identifier(database.owner)))
    connection.execute(sql.SQL("revoke connect, temporary on database {} from public").format(sql.Identifier(name)))
    for role in database.users.values():
        allow = sql.SQL("grant connect, temporary on database {} to {}")
        connection.execute(allow.format(sql.Identifier(name), sql.Identifier(role)))


def prepare(admin: str, name: str, database: ServiceDatabase) -> None:
    """What only a superuser may do inside the database."""
    if database.geometry:
        with psycopg.connect(dsn(admin, None, name), autocommit=True) as connection:
            connection.execute("create extension if not exists postgis")


def bring_up_to_date(admin: str, name: str, database: ServiceDatabase) -> list[str]:
    """Apply the service's migrations, as the owner."""
    return migrate(dsn(admin, database.owner, name), database.package, database.role)


def migrate(dsn: str, package: str, role: str) -> list[str]:
    """Bring a database to what the code expects, as its owner; what is there is the `role`'s to use, not to change.

    Each file once, in a transaction of its own, while services use the tables. Returns the names applied. Raises
    StackError when an applied file was changed afterwards, or when tables were in use all the time.
    """
    applied = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(hashtext('migrate'))")
        connection.execute("create table if not exists schema_migration (name text primary key, sha256 text not null)")
        done: dict[str, str] = dict(connection.execute("select name, sha256 from schema_migration").fetchall())
        for name, text, digest in migrations(package):
            if name in done and done[name] != digest:
                raise StackError(f"{name} was changed after it was applied; write a new migration instead")
            if name not in done:
                apply_migration(connection, name, text, digest)
                applied.append(name)
        grants: list[LiteralString] = [
            "grant usage on schema public to {}",
            "grant select, insert, update, delete on all tables in schema public to {}",
            "grant usage on all sequences in schema public to {}",
            "revoke insert, update, delete on schema_migration from {}",
        ]
        for grant in grants:
            connection.execute(sql.SQL(grant).format(sql.Identifier(role)))
    return applied


def apply_migration(
    connection: psycopg.Connection, name: str, text: str, digest: str, *, seconds: float = _IN_USE_SECONDS
) -> None:
    """Apply a migration and note it, in one transaction, on a connection that commits by itself.

    It waits for a table only so long that those who use it do not notice: behind whoever waits for the whole of a table
    everybody else queues up. Then it begins again, for so many `seconds`. Raises StackError after that.
    """
    pause, deadline = Event(), monotonic() + seconds
    while True:
        try:
            with connection.transaction():
                connection.execute(_WAITS_FOR_A_TABLE)
                connection.execute(text.encode())
                connection.execute("insert into schema_migration values (%s, %s)", (name, digest))
                return
        except psycopg.errors.LockNotAvailable as in_use:
            if monotonic() > deadline:
                what_to_do = "look in pg_stat_activity for a transaction that does not end, then set up again"
                raise StackError(f"{name}: its tables are in use all the time; {what_to_do}") from in_use
        pause.wait(_PAUSE_SECONDS)


def password_of(admin: str, role: str) -> str:
    """A role's password follows from the administrator's, so systems that share a server agree on it."""
    secret = str(conninfo_to_dict(admin).get("password") or "")
    return hmac.new(secret.encode(), role.encode(), hashlib.sha256).hexdigest()[:40]


def dsn(admin: str, role: str | None, database: str) -> str:
    """A DSN to the same server, as a role, or as the administrator."""
    known = {name: str(value) for name, value in conninfo_to_dict(admin).items() if value is not None}
    user = role or known.get("user", "postgres")
    password = password_of(admin, role) if role else known.get("password", "")
    place = f"{known.get('host', '127.0.0.1')}:{known.get('port', '5432')}"
    rest = {name: value for name, value in known.items() if name not in {"user", "password", "host", "port", "dbname"}}
    query = f"?{urlencode(rest)}" if rest else ""
    return f"postgresql://{quote(user)}:{quote(password, safe='')}@{place}/{database}{query}"


def _password_in(dsn: str) -> str:
    return str(conninfo_to_dict(dsn).get("password") or "")
