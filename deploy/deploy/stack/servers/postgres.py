"""A private PostgreSQL with PostGIS, on loopback TCP alone, with passwords."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

from deploy.private_files import write_private
from deploy.stack.process import Part, StackError

BIN = Path("/usr/lib/postgresql/15/bin")
ADMIN = "kmzb_admin"


def prepare(folder: Path, password: str) -> None:
    """Make the cluster the first time."""
    if not (BIN / "initdb").exists():
        raise StackError("PostgreSQL 15 is missing: run `make setup`, or set KMZB_POSTGRES_ADMIN_DSN to a superuser")
    data = folder / "data"
    if (data / "PG_VERSION").exists():
        return
    shutil.rmtree(data, ignore_errors=True)
    other = _as_other_user(folder)
    password_file = folder / "password"
    write_private(password_file, password)
    if folder.owner() != password_file.owner():
        shutil.chown(password_file, folder.owner())
    try:
        done = subprocess.run(
            [*other, str(BIN / "initdb"), "-D", str(data), "-U", ADMIN, "--encoding=UTF8",
             "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync"],
            capture_output=True, text=True,
        )  # fmt: skip
    finally:
        password_file.unlink(missing_ok=True)
    if done.returncode:
        raise StackError(f"PostgreSQL's cluster can't be made:\n{done.stderr[-1500:]}")


def part(folder: Path, port: int, dsn: str, *, durable: bool) -> Part:
    """The server, to be run. Not durable is for tests that throw the data away: it never waits for the disk."""
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 300,
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    argv = (*_as_other_user(folder), str(BIN / "postgres"), "-D", str(folder / "data"), *options)
    # SIGINT is the fast stop: the polite one would wait until every client has left.
    return Part("postgres", argv, lambda: ready(dsn), {"PATH": os.environ["PATH"]}, signal.SIGINT, 30, port)


def ready(dsn: str) -> bool:
    """Whether the server answers."""
    try:
        psycopg.connect(dsn, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _as_other_user(folder: Path) -> tuple[str, ...]:
    """PostgreSQL refuses root. A user namespace lets root look like somebody else and still reach a clone below a
    private folder; where that is switched off, it runs as the package's own user, who must be able to reach it.
    """
    if os.geteuid() != 0:
        return ()
    namespace = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")
    if subprocess.run([*namespace, "true"], capture_output=True).returncode == 0:
        return namespace
    folder.mkdir(parents=True, exist_ok=True)
    shutil.chown(folder, "postgres", "postgres")
    other = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--")
    if subprocess.run([*other, "test", "-w", str(folder)], capture_output=True).returncode:
        raise StackError(f"PostgreSQL won't run as root, and the user postgres can't reach {folder}: move the clone")
    return other
