"""Commands that bring the system up and down, and look after its programs."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from boundaries.seed import seed_cluster
from deploy.agencies import AGENCIES_FILE, all_topics
from deploy.stack.infrastructure import KAFKA, POSTGRES, Stack
from deploy.stack.process import Process, StackError, wait_supervised
from deploy.stack.services import AGENCIES, SERVICES
from deploy.stack.system import System

from deploy.stack import databases, topics
from operations.target import DEFAULT, DEMO, Folder, find_system

Names = Annotated[list[str], typer.Argument(help="Programs, as `kmzb status` names them.")]


def say(line: str) -> None:
    """One line of progress."""
    typer.echo(f"  {line}")


def up(
    stack: Folder = DEFAULT,
    setting: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE told to services.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Start only these services.")] = None,
) -> None:
    """Bring up the stack and all services in the background; what runs is left alone."""
    settings = dict(pair.partition("=")[::2] for pair in setting or [])
    system = System(Stack(stack), settings=settings, only=only or SERVICES, seed=seed_cluster)
    system.up(say)
    typer.echo(f"Up, with one copy of everything. Addresses: {stack / 'env'}; look: kmzb status; end: kmzb down")


def down(stack: Annotated[Path | None, typer.Option(help="Only the stack in this folder.")] = None) -> None:
    """Stop the system, and the demo's; data stays."""
    for folder in [stack] if stack else [DEMO, DEFAULT]:
        if (folder / "plan.json").exists():
            System.load(folder).down()
            say(f"{folder.name} is down")


def clean(stack: Folder = DEFAULT) -> None:
    """Stop everything and forget its data."""
    down(None if stack == DEFAULT else stack)
    shutil.rmtree(stack, ignore_errors=True)


def status(stack: Folder = DEFAULT) -> None:
    """Say of every program whether it runs and where it listens."""
    system = find_system(stack)
    for process in system.processes():
        pid = process.pid
        state = "held" if process.held.exists() else "down" if pid is None else "starting"
        if pid is not None and process.part.ready():
            state = "ready"
        address = system.addresses.get(f"KMZB_{process.part.name.replace('-', '_').upper()}_URL", "")
        typer.echo(f"{process.part.name:12} {state:9} {pid or '':>7} {address}")


def setup(
    replication: Annotated[int, typer.Option(help="Copies of each topic; fewer than 3 only for development.")] = 3,
    seed: Annotated[
        bool, typer.Option(help="Give garrisons without districts the default ones: routing waits for all 17.")
    ] = True,
) -> None:
    """Make topics and databases that are missing and migrate, on the servers the environment names.

    Needs KMZB_KAFKA_BOOTSTRAP and KMZB_POSTGRES_ADMIN_DSN. Services' roles get the passwords of the KMZB_*_POSTGRES_DSN
    that are set, and passwords that follow from the administrator's otherwise.
    """
    for name in (KAFKA, POSTGRES):
        if not os.environ.get(name):
            raise StackError(f"{name} is not set")
    namespace = os.environ.get("KMZB_NAMESPACE", "")
    agencies = Path(os.environ.get(AGENCIES, AGENCIES_FILE))
    made = topics.create(os.environ[KAFKA], namespace, all_topics(agencies), replication=replication)
    given = {
        name: os.environ[name] for database in databases.DATABASES for name in database.users if os.environ.get(name)
    }
    applied = databases.create(os.environ[POSTGRES], namespace, given)
    say(f"{made} topics made, {len(applied)} migrations applied")
    if seed:
        say(f"default districts published for {seed_cluster(os.environ[KAFKA], namespace)} garrisons")
    if replication < 3:
        say("one copy: what this broker loses is lost")


def restart(names: Names, stack: Folder = DEFAULT) -> None:
    """Stop programs politely; they are started again at once."""
    _end_each(stack, names, Process.stop)


def kill(names: Names, stack: Folder = DEFAULT) -> None:
    """End programs with SIGKILL, as a crash would; they are started again at once."""
    _end_each(stack, names, Process.kill)


def stop(names: Names, stack: Folder = DEFAULT) -> None:
    """Stop programs and keep them stopped, until `kmzb start`."""
    system = find_system(stack)
    for process in map(system.process, names):
        process.held.touch()
        process.stop()


def start(names: Names, stack: Folder = DEFAULT) -> None:
    """Let stopped programs run again, and wait until they serve."""
    system = find_system(stack)
    for process in map(system.process, names):
        process.held.unlink(missing_ok=True)
        wait_supervised(process, 60)
        say(f"{process.part.name} is ready")


def logs(
    name: Annotated[str, typer.Argument(help="A program, or `supervisor`.")],
    stack: Folder = DEFAULT,
    lines: Annotated[int, typer.Option("-n", help="How many of the last lines.")] = 40,
) -> None:
    """Print the end of a program's log."""
    file = stack / "logs" / f"{name}.log"
    if not file.exists():
        raise StackError(f"no log {file}")
    typer.echo("\n".join(file.read_text(errors="replace").splitlines()[-lines:]))


def env(stack: Folder = DEFAULT) -> None:
    """Print every variable of the running system, in shell syntax."""
    find_system(stack)
    typer.echo((stack / "env").read_text(), nl=False)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (up, down, clean, status, setup, restart, kill, stop, start, logs, env):
        app.command()(command)


def _end_each(folder: Path, names: list[str], end: Callable[[Process], None]) -> None:
    for process in map(find_system(folder).process, names):
        end(process)
        wait_supervised(process, 60)
        say(f"{process.part.name} is ready again")
