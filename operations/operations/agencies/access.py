"""`kmzb access …`: who may do what on a secured cluster, and what a service or an agency connects with."""

from pathlib import Path
from typing import Annotated

import typer
from chassis.settings import Settings
from contracts.agencies import Agency
from contracts.topics import SERVICES
from deploy.access.cluster import apply_access, rules_of
from deploy.access.rules import has_topics, members_of
from deploy.agencies.registry import read_registry
from deploy.stack.process import StackError

from operations.agencies.hand_over import hand_over, hand_over_to_service, printed, require_new
from operations.printing import Json, print_json, print_table
from operations.target import FolderOrEnvironment, find_target

app = typer.Typer(
    no_args_is_help=True,
    help="Access to a secured Kafka, as its super user: KMZB_KAFKA_BOOTSTRAP, _USER, _PASSWORD, _CA.",
)


@app.command("list")
def list_rules(json: Json = False, stack: FolderOrEnvironment = None) -> None:
    """Say every rule that services and agencies need; nothing is changed."""
    settings = _operators(stack)
    said = [
        {
            "principal": f"User:{rule.principal}",
            "operation": rule.operation.name,
            "kind": rule.kind.name,
            "name": rule.name,
            "pattern": rule.pattern.name,
        }
        for rule in rules_of(settings, _agencies(settings))
    ]
    if json:
        print_json(said)
    else:
        print_table(("principal", "may", "what", "name", "pattern"), (tuple(each.values()) for each in said))


@app.command()
def apply(json: Json = False, stack: FolderOrEnvironment = None) -> None:
    """Have the brokers go by the registry: rules of services and agencies, and what agencies may use at most.

    Agencies that were removed lose rules, password and quota; services lose what
    an earlier registry let them do. Again changes nothing.
    """
    settings = _operators(stack)
    done = apply_access(settings, _agencies(settings))
    if json:
        print_json({"rules": done.rules, "agencies": done.agencies, "removed": done.gone})
    else:
        typer.echo(
            f"{done.rules} rules for {len(SERVICES)} services and {done.agencies} agencies; {done.gone} have none"
        )


@app.command()
def issue(
    who: Annotated[str, typer.Argument(help="A service (casework.wroclaw: of a region), or the code of an agency.")],
    folder: Annotated[Path, typer.Argument(help="A new folder for what is handed over.")],
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Give a new password, and write what it is used with: configurations, topics. The one before ends at once."""
    settings = _operators(stack)
    require_new(folder)
    if who in (*SERVICES, *members_of(settings.region.plan.instances)):
        handed = hand_over_to_service(settings, who, folder)
    else:
        agency = next((agency for agency in _agencies(settings) if agency.code == who and has_topics(agency)), None)
        if agency is None:
            raise StackError(f"{who}: neither a service nor an agency with topics; kmzb agency list")
        [handed] = hand_over(settings, {folder: agency})
    printed(handed, json=json)


def _operators(stack: Path | None) -> Settings:
    settings = find_target(stack).settings
    if not settings.kafka_user or settings.kafka_ca is None:
        raise StackError("this Kafka asks nobody who he is: name its super user in KMZB_KAFKA_USER, _PASSWORD and _CA")
    return settings


def _agencies(settings: Settings) -> list[Agency]:
    return read_registry(settings).all()
