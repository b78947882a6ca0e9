"""`kmzb rebuild`: a service's store is emptied and built anew from the log."""

from typing import Annotated

import typer
from contracts.topics import PUBLIC_MAP, SLA_MONITOR
from deploy.stack.process import StackError

from operations.consumption.groups import positions, running_members
from operations.consumption.members import own_service
from operations.dead_letters.blocked_keys import dsn_of
from operations.printing import Json, Yes, print_json
from operations.rebuilding.plans import plan_of
from operations.rebuilding.replaying import rebuild as build_anew
from operations.target import FolderOrEnvironment, find_target


def rebuild(
    service: Annotated[str, typer.Argument(help=f"{SLA_MONITOR} or {PUBLIC_MAP}; of the others it is said why not.")],
    yes: Yes = False,
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Empty a service's store and build it anew from its topics; nothing is sent or published anew.

    For a store that is damaged, or was restored from an old backup. Stop every
    instance of the service; the others run on. What it had read is replayed by
    its own code in one transaction, so whoever is interrupted finds the store as
    it was. Then start it: it goes on from where it was. casework and notifier
    come from their backups, and it is said why. KMZB_INSTANCE says of which region.
    Exit codes: 0; 1 refused or not possible, and nothing was changed; 2 usage.
    """
    target = find_target(stack)
    service = own_service(target.settings, service)
    plan = plan_of(service, target.addresses)
    dsn = dsn_of(service, target.addresses)
    assert dsn is not None  # whoever has a plan has a store
    read = positions(target.settings, plan.member, plan.topics)
    again = sum(position.next - position.first for position in read)
    if all(position.committed is None for position in read):
        raise StackError(f"{plan.member} has read nothing yet: start it, and it builds its store by itself")
    if not yes:
        running = running_members(target.settings, plan.member)
        if json:
            print_json(
                {"done": False, "emptied": plan.emptied, "kept": plan.kept, "messages": again, "running": running}
            )
            return
        typer.echo(f"{plan.member} would have emptied: {', '.join(plan.emptied)}")
        typer.echo(f"and about {again} messages replayed from: {', '.join(topic.name for topic in plan.topics)}")
        typer.echo(f"{running} of it run now; stop every one first. Nothing was done; --yes does it.")
        return
    told = build_anew(plan, target.settings, dsn, (lambda _: None) if json else typer.echo)
    if json:
        print_json({"done": True, "emptied": plan.emptied, "kept": plan.kept, "messages": again, "told": told})
    else:
        typer.echo(f"{plan.member}'s store is built anew; {told}. Start it.")


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(rebuild)
