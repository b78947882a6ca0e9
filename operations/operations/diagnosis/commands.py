"""`kmzb doctor`: looks at a whole deployment and says what is wrong with it."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from chassis.settings import Settings

from operations.diagnosis import brokers, stores, surroundings, told
from operations.diagnosis.access import access
from operations.diagnosis.findings import Finding, State, looked_at
from operations.printing import Json, end_amiss, print_json, print_table
from operations.problems import require_kafka
from operations.target import DEFAULT, FolderOrEnvironment, find_addresses, settings_of

Look = Callable[[], Iterator[Finding]]


def doctor(
    everything: Annotated[bool, typer.Option("--all", help="Also say what is well.")] = False,
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Look at a deployment and say in words what is wrong and what to do about it.

    Settings, brokers, topics and rules of access against the registry, copies, lag,
    dead letters, regions' instances, databases, migrations, what waits to be published, clocks, Redis, the mail
    server, certificates, sign-in, the services, the disk. Changes nothing and
    sends nothing. What can't be seen from here is said to be unknown. Exit codes:
    0 nothing is wrong; 1 there is no such deployment; 3 something is wrong.
    """
    addresses = find_addresses(stack)
    found = [finding for what, look in _looks(addresses, stack or DEFAULT).items() for finding in looked_at(what, look)]
    amiss = [finding for finding in found if finding.state is State.WRONG]
    if json:
        print_json([{"what": each.what, "state": each.state.value.lower(), "says": each.says} for each in found])
    else:
        shown = found if everything else [finding for finding in found if finding.state is not State.WELL]
        print_table(("", "what", ""), ((each.state.value, each.what, each.says) for each in shown))
        typer.echo(f"{len(found)} things looked at, {len(amiss)} wrong")
    end_amiss(bool(amiss))


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(doctor)


def _looks(addresses: Mapping[str, str], folder: Path) -> dict[str, Look]:
    settings = settings_of(addresses)
    return {
        "settings": partial(told.settings, addresses),
        **_kafka_looks(settings),
        "databases": partial(stores.databases, addresses, settings.instance),
        "Redis": partial(stores.redis, addresses),
        "mail server": partial(surroundings.mail, addresses),
        "officers' sign-in": partial(surroundings.sign_in, addresses),
        "services": partial(surroundings.services, addresses),
        "disk": partial(surroundings.disk, folder),
    }


def _kafka_looks(settings: Settings) -> dict[str, Look]:
    """Nothing but the first, where no broker answers: each of the others would wait for one."""
    away = looked_at("brokers", partial(_answering, settings))
    if away:
        return {"brokers": lambda: iter(away)}
    return {
        "brokers": partial(brokers.cluster, settings),
        "consumers": partial(brokers.consumers, settings),
        "regions": partial(brokers.regions, settings),
        "dead letters": partial(brokers.dead_letters, settings),
        "access": partial(access, settings),
    }


def _answering(settings: Settings) -> Iterator[Finding]:
    require_kafka(settings)
    yield from ()
