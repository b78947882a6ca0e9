"""Commands that bring the system up and down, and look after its programs."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from signal import SIGTERM, default_int_handler, signal
from typing import Annotated

import typer
from boundaries.seed import seed_cluster
from chassis.settings import Settings
from deploy.access.cluster import apply_access, let_services_in
from deploy.agencies import AGENCIES_FILE
from deploy.agencies.registry import publish_missing, read_registry
from deploy.gazetteer import import_places
from deploy.stack.infrastructure import KAFKA, POSTGRES, Stack
from deploy.stack.process import Process, StackError, wait_supervised
from deploy.stack.services import SERVICES, password_variable
from deploy.stack.system import System
from deploy.suggestions import no_such

from deploy.stack import databases, topics
from operations.options import service_names, setting_values
from operations.problems import EXPECTED, in_words, require_kafka, require_postgres
from operations.target import DEFAULT, DEMO, Folder, find_system, settings_of

AGENCIES = "KMZB_AGENCIES_FILE"
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
    system = System(
        Stack(stack, secured=True), settings=setting_values(setting or []), only=service_names(only or []),
        seed=seed_cluster, places=import_places, watched=True,
    )  # fmt: skip
    with saying_what_is_left(system):
        system.up(say)
    typer.echo(f"Up, with one copy of everything. Addresses: {stack / 'env'}; look: kmzb status; end: kmzb down")


@contextmanager
def saying_what_is_left(system: System) -> Iterator[None]:
    """Whoever gives up, or is interrupted, says which programs run on, and how they are ended. Raises typer.Exit."""
    signal(SIGTERM, default_int_handler)  # asked to leave in another way, it ends in the same one
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"\nInterrupted. {what_is_left(system)}", err=True)
        raise typer.Exit(130) from None
    except EXPECTED as failed:
        raise StackError(f"{in_words(failed)}\n{what_is_left(system)}") from failed


def what_is_left(system: System) -> str:
    """Which programs of a system run, and how they are ended."""
    left = [process.part.name for process in (*system.processes(), system.supervisor) if process.pid]
    if not left:
        return "Nothing is left running."
    return f"Left running: {', '.join(left)}. End them: kmzb down --stack {system.root}"


def down(stack: Annotated[Path | None, typer.Option(help="Only the stack in this folder.")] = None) -> None:
    """Stop the system, and the demo's; data stays."""
    known = [folder for folder in ([stack] if stack else [DEMO, DEFAULT]) if (folder / "plan.json").exists()]
    for folder in known:
        find_system(folder).down()
        say(f"{folder.name} is down")
    if not known:
        say("nothing was brought up")


def clean(stack: Folder = DEFAULT) -> None:
    """Stop everything and forget its data."""
    down(None if stack == DEFAULT else stack)
    shutil.rmtree(stack, ignore_errors=True)


def status(stack: Folder = DEFAULT) -> None:
    """Say of every program whether it runs and where it listens."""
    system, remarks = find_system(stack), list[str]()
    for process in system.processes():
        pid = process.pid
        state = "held" if process.held.exists() else "down" if pid is None else "starting"
        if process.serves:
            state = "ready"
        elif port_conflict := process.port_conflict:
            state = "BLOCKED"
            remarks.append(f"{process.part.name}: on its port {process.part.port} listens {port_conflict}")
        if state in ("down", "starting"):
            remarks.append(f"{process.part.name} last said: {process.tail(1)}")
        typer.echo(f"{process.part.name:12} {state:9} {pid or '':>7} {system.address(process.part.name)}")
    for line in remarks:
        typer.echo(line)


def setup(
    replication: Annotated[int, typer.Option(help="Copies of each topic; fewer than 3 only for development.")] = 3,
    seed: Annotated[
        bool, typer.Option(help="Give garrisons without districts the default ones: routing waits for all 17.")
    ] = True,
) -> None:
    """Make topics and databases that are missing and migrate, on the servers the environment names.

    Needs KMZB_KAFKA_BOOTSTRAP and KMZB_POSTGRES_ADMIN_DSN. Services' roles get the passwords of the KMZB_*_POSTGRES_DSN
    that are set, and passwords that follow from the administrator's otherwise. To a Kafka that asks who one is it
    comes as the super user (KMZB_KAFKA_USER, _PASSWORD, _CA), has it go by the registry's rules, and gives services
    the passwords of the KAFKA_*_PASSWORD that are set. Services of the release before go on meanwhile: what only they
    need is theirs until `kmzb access apply`. With KMZB_INSTANCE it makes that region's databases alone.
    """
    for name in (KAFKA, POSTGRES):
        if not os.environ.get(name):
            raise StackError(f"{name} is not set")
    settings = settings_of(os.environ)
    require_kafka(settings)
    require_postgres(os.environ[POSTGRES])
    if not settings.region.is_national:
        return _set_region_up(settings)
    namespace = settings.namespace
    table = Path(os.environ.get(AGENCIES, AGENCIES_FILE))
    first, wanted = topics.registered(table)
    made = topics.create(settings, wanted, replication=replication)
    added = publish_missing(settings, first)
    given = _given(settings)
    applied = databases.create(os.environ[POSTGRES], namespace, given)
    say(f"{made} topics made, {added} agencies added, {len(applied)} migrations applied")
    if settings.kafka_user:
        _set_access_up(settings)
    if seed:
        say(f"default districts published for {seed_cluster(settings)} garrisons")
    say(f"{import_places(_public_map(given, namespace)) or 'no'} places imported into the map's search")
    if replication < 3:
        say("one copy: what this broker loses is lost")
    return None


def _set_region_up(settings: Settings) -> None:
    """The databases of a region's instance. Topics, districts and places are the nation's to set up."""
    given = _given(settings)
    applied = databases.create(os.environ[POSTGRES], settings.namespace, given, settings.instance)
    names = [
        database.name(settings.namespace, settings.instance) for database in databases.of_instance(settings.instance)
    ]
    say(f"{', '.join(names)}: {len(applied)} migrations applied")


def _given(settings: Settings) -> dict[str, str]:
    """The DSNs that an instance's services are told already."""
    names = [name for database in databases.of_instance(settings.instance) for name in database.users]
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def _set_access_up(settings: Settings) -> None:
    told = {service: os.environ.get(password_variable(service), "") for service in SERVICES}
    let_services_in(settings, {service: said for service, said in told.items() if said})
    applied = apply_access(settings, read_registry(settings).all(), outdated_stay=True)
    say(f"{applied.rules} rules of access, for {applied.agencies} agencies; {sum(map(bool, told.values()))} passwords")


def _public_map(given: Mapping[str, str], namespace: str) -> str:
    variable = "KMZB_PUBLIC_MAP_POSTGRES_DSN"
    return given.get(variable) or databases.dsns(os.environ[POSTGRES], namespace)[variable]


def restart(names: Names, stack: Folder = DEFAULT) -> None:
    """Stop programs politely; they are started again at once."""
    _end_each(stack, names, Process.stop)


def kill(names: Names, stack: Folder = DEFAULT) -> None:
    """End programs with SIGKILL, as a crash would; they are started again at once."""
    _end_each(stack, names, Process.kill)


def stop(names: Names, stack: Folder = DEFAULT) -> None:
    """Stop programs and keep them stopped, until `kmzb start`."""
    system = find_system(stack)
    for process in [system.process(name) for name in names]:
        process.held.touch()
        process.stop()


def start(names: Names, stack: Folder = DEFAULT) -> None:
    """Let stopped programs run again, and wait until they serve."""
    system = find_system(stack)
    for process in [system.process(name) for name in names]:
        process.held.unlink(missing_ok=True)
        with saying_what_is_left(system):
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
        there = sorted(log.stem for log in file.parent.glob("*.log"))
        raise StackError(no_such("log of ", name, there) if there else f"no log under {file.parent}")
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
    system = find_system(folder)
    for process in [system.process(name) for name in names]:
        with saying_what_is_left(system):
            end(process)
            wait_supervised(process, 60)
        say(f"{process.part.name} is ready again")
