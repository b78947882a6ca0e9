"""`kmzb dev`: the whole system in the foreground, for who edits it."""

from threading import Event

import typer
from boundaries.seed import seed_cluster
from deploy.gazetteer import import_places
from deploy.interrupts import interrupt_once
from deploy.stack.infrastructure import Stack
from deploy.stack.system import System

from operations.commands.system import say
from operations.restarts import restart_on_change, watched_folders
from operations.target import DEFAULT, Folder


def dev(stack: Folder = DEFAULT) -> None:
    """Run the system, restart what you edit, and show warnings; Ctrl-C ends it.

    A service restarts by itself when a file of its package is saved, and all
    do when contracts or chassis change. A new migration is applied and a new
    topic made before that. Warnings, errors and tracebacks of every service
    appear here; all it says is in `kmzb logs SERVICE`. Data stays.
    """
    interrupt_once("Ending.")
    system = System(Stack(stack, secured=True), seed=seed_cluster, places=import_places)
    try:
        system.up(say)
        typer.echo(f"Up, with one copy of everything. Addresses: {stack / 'env'}")
        for line in restart_on_change(system, watched_folders(), Event()):
            say(line)
    except KeyboardInterrupt:
        pass
    finally:
        system.down()
        typer.echo("Down; data stays. Again: make dev.")


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(dev)
