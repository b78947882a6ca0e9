"""`kmzb drill`: says who would be written to, writes to them with --yes, and says whom it reached."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from time import monotonic, sleep
from typing import Annotated
from uuid import UUID, uuid4

import typer
from boundaries.published import KafkaDistrictTopic, read_published
from chassis.postgres import Database
from contracts.topics import NOTIFIER
from deploy.stack.process import StackError

from operations.dead_letters.blocked_keys import dsn_of
from operations.drills.ledger import Reached, audiences, begin_drill, read_drill
from operations.drills.recipients import Recipients, recipients_of
from operations.printing import Json, Yes, end_amiss, print_json, print_table
from operations.target import FolderOrEnvironment, Target, find_target

_LOOK_SECONDS = 0.5


def drill(
    garrison: Annotated[
        list[str] | None, typer.Option(help="Only this garrison and its units; may be repeated.")
    ] = None,
    unit: Annotated[list[str] | None, typer.Option(help="This unit; may be repeated.")] = None,
    wait: Annotated[int, typer.Option(help="Seconds to wait for answers.", min=0, max=3600)] = 120,
    again: Annotated[
        UUID | None, typer.Option("--result", help="Write nothing: what became of that drill by now.")
    ] = None,
    yes: Yes = False,
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Write a test message to everybody who would be told of a missed deadline, and say whom it reached.

    It goes the way of all messages: the notifier's directory, duty rosters, mail server
    and webhooks. "sent" means that the other side took it. Mail may come back later: ask
    again with --result after an hour.
    Exit codes: 0 all were reached; 1 not possible; 3 somebody was not.
    """
    target = find_target(stack)
    if again is None:
        recipients = _recipients(target, garrison or [], unit or [])
        if not yes:
            _say_whom(recipients, json=json)
            return
    with _ledger(target) as database:
        drill_id = again or uuid4()
        if again is None:
            with database.transaction() as connection:
                begin_drill(connection, drill_id, recipients)
        found = _results(database, drill_id, 0 if again else wait)
    if not found:
        raise StackError(f"there was no drill {drill_id}")
    _say_results(drill_id, found, json=json)
    end_amiss(any(not each.reached for each in found))


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(drill)


def _recipients(target: Target, garrisons: list[str], units: list[str]) -> Recipients:
    current = read_published(KafkaDistrictTopic(target.settings)).current()
    return recipients_of(current, garrisons, units)


@contextmanager
def _ledger(target: Target) -> Iterator[Database]:
    dsn = dsn_of(NOTIFIER, target.addresses)
    if dsn is None:
        raise StackError("the notifier's database is not known here")
    database = Database(dsn, size=1)
    try:
        yield database
    finally:
        database.close()


def _results(database: Database, drill_id: UUID, seconds: int) -> list[Reached]:
    """What became of it, once every first attempt has ended, or the time is over."""
    until = monotonic() + seconds
    while True:
        with database.transaction() as connection:
            found = read_drill(connection, drill_id)
        if monotonic() >= until or not any(each.running for each in found):
            return found
        sleep(_LOOK_SECONDS)


def _say_whom(recipients: Recipients, *, json: bool) -> None:
    counts = {audience.value: count for audience, count in audiences(recipients).items() if count}
    if json:
        print_json({"done": False, "would_write_to": [f"{audience}/{code}" for audience, code in recipients]})
        return
    typer.echo(", ".join(f"{count} × {audience}" for audience, count in counts.items()))
    typer.echo("Nobody was written to; --yes does it.")


def _say_results(drill_id: UUID, found: list[Reached], *, json: bool) -> None:
    missed = [each for each in found if not each.reached]
    if json:
        rows = [{**asdict(each), "reached": each.reached} for each in found]
        print_json({"done": True, "drill": drill_id, "messages": rows})
        return
    if missed:
        print_table(
            ("who", "code", "by", "state", "#attempts", "why"),
            [(each.audience, each.recipient, each.channel, each.state, each.attempts, each.reason) for each in missed],
        )
    typer.echo(f"drill {drill_id}: {len(found)} messages, {len(missed)} of them did not reach who they were for")
