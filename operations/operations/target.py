"""Which system a command means: the servers that the environment names, or the system brought up under a folder."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from chassis.settings import Settings
from contracts.policy.regions import NATIONAL
from contracts.topics import REPLICATION
from deploy.stack.databases import dsns
from deploy.stack.infrastructure import KAFKA, POSTGRES
from deploy.stack.process import StackError
from deploy.stack.system import System

from operations.problems import require_kafka

REPOSITORY = Path(__file__).resolve().parents[2]
# Beside the repository's other files from wherever the command is called; an installed one has no repository.
DEFAULT = (REPOSITORY if (REPOSITORY / "docker-compose.yml").exists() else Path.cwd()) / ".stack"
DEMO = DEFAULT / "demo"
Folder = Annotated[Path, typer.Option("--stack", help="Folder of the stack: its data, logs and secrets.")]
FolderOrEnvironment = Annotated[
    Path | None, typer.Option("--stack", help="Folder of the stack, instead of the environment.")
]


@dataclass(frozen=True, slots=True)
class Target:
    """A system: every address by its variable, what its Kafka clients are told, how many copies a topic has."""

    addresses: Mapping[str, str]
    settings: Settings
    copies: int = REPLICATION


def find_system(folder: Path) -> System:
    """The system under a folder. Raises StackError when none was ever brought up there."""
    if not (folder / "plan.json").exists():
        raise StackError(f"nothing was brought up under {folder}: run `make up`")
    try:
        return System.load(folder)
    except (ValueError, KeyError, TypeError) as damaged:
        raise StackError(
            f"{folder / 'plan.json'} can't be read ({damaged}): end what {folder}/run/*.pid name, and remove the folder"
        ) from damaged


def find_target(stack: Path | None) -> Target:
    """The servers the environment names; without them, or with a folder, the system under it.

    Raises StackError, also when its Kafka does not answer.
    """
    addresses = find_addresses(stack)
    settings = settings_of(addresses)
    require_kafka(settings)
    copies = REPLICATION if _is_environment(stack) else find_system(stack or DEFAULT).stack.replication
    return Target(addresses, settings, copies)


def find_addresses(stack: Path | None) -> Mapping[str, str]:
    """The same addresses, whether or not anybody answers there. Raises StackError where nothing was brought up."""
    if not _is_environment(stack):
        return find_system(stack or DEFAULT).addresses
    namespace, admin = os.environ.get("KMZB_NAMESPACE", ""), os.environ.get(POSTGRES)
    derived = dsns(admin, namespace, os.environ.get("KMZB_INSTANCE") or NATIONAL) if admin else {}
    return {**derived, **{name: value for name, value in os.environ.items() if value}}


def settings_of(addresses: Mapping[str, str]) -> Settings:
    """What the operators' Kafka clients are told. Raises StackError for what can't be used."""
    try:
        return Settings.from_variables(addresses)
    except ValueError as wrong:
        raise StackError(str(wrong)) from wrong


def _is_environment(stack: Path | None) -> bool:
    return stack is None and bool(os.environ.get(KAFKA))
