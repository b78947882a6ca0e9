"""`kmzb retention`: what is kept for how long, and clearing away what only operators clear away."""

from datetime import datetime
from typing import Annotated

import typer
from boundaries.published import KafkaDistrictTopic, ended, prune, read_published
from chassis import clock

from operations.consumption.groups import system_topics
from operations.printing import Json, end_amiss, in_short, print_json, print_table
from operations.retention.ages import ages
from operations.target import FolderOrEnvironment, Target, find_target


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be cleared away.")] = False,
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Say how long each topic is kept and how old it is; clear away districts' versions that ended a week ago.

    The brokers delete what is past its time on topics, services what is past it in
    their stores; old versions of districts are for operators. To be run once a day.
    Exit codes: 0; 1 not possible; 3 the brokers keep something too long.
    """
    target, at = find_target(stack), clock.now()
    found = ages(target.settings, system_topics(target.settings), at)
    versions = _ended_versions(target, at, dry_run)
    if json:
        rows = [{"topic": each.topic.name, "kept": each.kept, "messages": each.messages, "oldest": each.oldest,
                 "overdue": each.overdue} for each in found]  # fmt: skip
        print_json({"done": not dry_run, "topics": rows, "districts": [f"{unit}/{name}" for unit, name in versions]})
    else:
        print_table(
            ("topic", "kept", "#messages", "#oldest", ""),
            ((each.topic.name, each.kept, each.messages, None if each.oldest is None else in_short(each.oldest),
              "too old: does the cluster delete?" if each.overdue else "") for each in found),
        )  # fmt: skip
        for garrison, version in versions:
            typer.echo(f"{garrison}: districts {version} {'would be' if dry_run else 'are'} cleared away")
        typer.echo(f"{len(versions)} versions of districts {'would be' if dry_run else 'were'} cleared away")
    end_amiss(any(each.overdue for each in found))


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(retention)


def _ended_versions(target: Target, at: datetime, dry_run: bool) -> list[tuple[str, str]]:
    topic = KafkaDistrictTopic(target.settings)
    return ended(read_published(topic), at) if dry_run else prune(topic, at)
