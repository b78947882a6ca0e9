"""`kmzb dead-letters …`: see what services could not use, and once the cause is mended, play it again."""

import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from chassis import clock
from chassis.settings import Settings
from contracts.topics import SERVICES
from deploy.stack.infrastructure import KAFKA, POSTGRES
from deploy.stack.process import StackError

from deploy.stack import databases
from operations import blocks, letters
from operations.blocks import Block
from operations.commands.running import DEFAULT
from operations.commands.running import find as system
from operations.commands.topics import shown
from operations.letters import Fate, Letter

HELP = """See and play again what services could not use.

A message a service can't use is set aside, untouched, on the service's
dead-letter topic, with the reason. A service with a database then blocks the
key on that topic: what follows under it is set aside too (reason `behind`),
so that order is kept. Nothing else waits for it.

What to do: `list` and `show` say what is wrong. Mend the cause: deploy a fix,
or tell the partner who wrote it. Then `replay SERVICE --key K` for one key,
see that it took effect, and `replay SERVICE --all`. Playing again is harmless:
every reader recognises what already took effect. Letters are kept 90 days.

Asks the servers that the environment names (KMZB_KAFKA_BOOTSTRAP,
KMZB_NAMESPACE, KMZB_<SERVICE>_POSTGRES_DSN or KMZB_POSTGRES_ADMIN_DSN);
without them, or with --stack, the system that was brought up under the folder.
"""
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}

app = typer.Typer(help=HELP, no_args_is_help=True)
Folder = Annotated[Path | None, typer.Option("--stack", help="Folder of the stack, instead of the environment.")]
Service = Annotated[str, typer.Argument(help=f"Whose letters: {', '.join(SERVICES)}.")]


@app.command("list")
def list_letters(
    service: Annotated[str | None, typer.Option(help="Only this service's.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only with this reason: schema, json, database, behind, …")] = None,
    key: Annotated[str | None, typer.Option(help="Only under this key (the report's id).")] = None,
    since: Annotated[str | None, typer.Option(help="Only as new as 30m, 12h, 7d or a time, 2026-11-23T08:00.")] = None,
    stack: Folder = None,
) -> None:
    """Say what stands on the dead-letter topics, and which keys are blocked. Never prints what a message says.

    The three words a line begins with are what `show` wants; the second line says where the message came from.
    """
    addresses, settings = _reach(stack)
    chosen, now = [_known(service)] if service else list(SERVICES), clock.now()
    oldest = _moment(since, now) if since else datetime.min.replace(tzinfo=UTC)
    found = 0
    for letter in letters.read_letters(settings, chosen):
        fits = key in (None, letter.original.key) and reason in (None, letter.reason)
        if fits and letter.written_at >= oldest:
            typer.echo(f"{_line(letter)}  {_age(now - letter.written_at)}")
            typer.echo(f"    {_plain(f'{_place(letter)}  {letter.reason}: {letter.detail}')}")
            found += 1
    typer.echo(f"{found} dead letters")
    for each in chosen:
        for block in _blocks(each, addresses):
            if key in (None, block.key) and reason in (None, block.reason) and block.since >= oldest:
                line = f"{each} blocks {block.key} on {block.topic}  {_age(now - block.since)}  {block.reason}"
                typer.echo(_plain(line))


@app.command()
def show(
    service: Service,
    partition: Annotated[int, typer.Argument(help="The letter's partition, the second word in `list`.")],
    offset: Annotated[int, typer.Argument(help="The letter's offset, the third word in `list`.")],
    value: Annotated[
        bool, typer.Option("--value", help="Print what the message says too: it may be a citizen's words.")
    ] = False,
    stack: Folder = None,
) -> None:
    """Print one letter as JSON, with its headers; kmzb_dlq_* tell its story, the others are the original's."""
    _, settings = _reach(stack)
    message = letters.find(settings, _known(service), partition, offset)
    letter = shown(message)
    if not value:
        raw = message.value()
        letter["value"] = "tombstone" if raw is None else f"{len(raw)} bytes; --value prints them"
    typer.echo(json.dumps(letter, ensure_ascii=False, indent=2))


@app.command()
def replay(
    service: Service,
    key: Annotated[str | None, typer.Option(help="Play what waits under this key.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Play what waits under every key.")] = False,
    skip: Annotated[
        bool,
        typer.Option("--skip-first", help="Leave out what could not be used itself, play only what came behind it."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would be done.")] = False,
    stack: Folder = None,
) -> None:
    """Lift the block of the keys, then publish the originals again.

    In order, to where they stood, with the original key, value and headers.
    Mend the cause first: what still can't be used is set aside again, and so
    many in a row stop the service (KMZB_UNUSABLE_LIMIT).

    A letter whose message stands on its topic again is not played once more,
    so this may be repeated, also after it was interrupted. On a compacted topic
    only the newest message of a key is played, and none after which something
    newer was said: erased words do not come back.
    """
    if everything == (key is not None):
        raise StackError("say either --key K or --all")
    addresses, settings = _reach(stack)
    dsn = blocks.dsn_of(_known(service), addresses)
    chosen = [each for each in letters.read_letters(settings, [service]) if everything or each.original.key == key]
    if not chosen:
        raise StackError(f"{service} has no dead letters" + (f" under the key {_plain(key)}" if key else ""))
    fates = letters.judge(chosen, letters.standing(settings, chosen), skip_culprits=skip)
    for letter, fate in fates.items():
        typer.echo(f"{_line(letter)}  {fate}")
    to_play = [letter for letter, fate in fates.items() if fate is Fate.PLAY]
    if not yes:
        typer.echo(f"{len(to_play)} of {len(fates)} letters would be played. Nothing was done; --yes does it.")
        return
    # First the block: what arrives before it is lifted would be set aside again.
    lifted = blocks.lift(service, dsn, {(each.original.topic, each.original.key) for each in chosen}) if dsn else 0
    played = letters.play(settings, to_play)
    typer.echo(f"{lifted} blocks lifted, {played} of {len(fates)} letters played")


@app.command()
def unblock(
    service: Service,
    key: Annotated[str, typer.Option(help="The key (the report's id).")],
    stack: Folder = None,
) -> None:
    """Only lift the block of a key: what comes from now on takes effect, what was set aside stays where it is."""
    addresses, _ = _reach(stack)
    dsn = blocks.dsn_of(_known(service), addresses)
    if dsn is None:
        raise StackError(f"{service} has no database, so it blocks nothing")
    blocked = {(block.topic, block.key) for block in blocks.standing(service, dsn) if block.key == key}
    if not blocked:
        raise StackError(f"{service} does not block {_plain(key)}")
    blocks.lift(service, dsn, blocked)
    for topic, _ in sorted(blocked):
        typer.echo(f"{service} takes {_plain(key)} on {topic} again")


def _reach(stack: Path | None) -> tuple[Mapping[str, str], Settings]:
    """Every address, and what the log's clients are told."""
    if stack is None and os.environ.get(KAFKA):
        namespace, admin = os.environ.get("KMZB_NAMESPACE", ""), os.environ.get(POSTGRES)
        derived = databases.dsns(admin, namespace) if admin else {}
        addresses: Mapping[str, str] = {**derived, **{name: value for name, value in os.environ.items() if value}}
    else:
        addresses = system(stack or DEFAULT).addresses
    return addresses, Settings(kafka_bootstrap=addresses[KAFKA], namespace=addresses.get("KMZB_NAMESPACE", ""))


def _blocks(service: str, addresses: Mapping[str, str]) -> list[Block]:
    """The service's blocked keys; where nobody can say, that is said, and the others' are shown."""
    try:
        dsn = blocks.dsn_of(service, addresses)
        return blocks.standing(service, dsn) if dsn else []
    except StackError as problem:
        typer.echo(f"which keys {service} blocks is not known: {problem}", err=True)
        return []


def _known(service: str) -> str:
    if service not in SERVICES:
        raise StackError(f"there is no service {service!r}; there are {', '.join(SERVICES)}")
    return service


def _line(letter: Letter) -> str:
    own = f"{letter.service} {letter.partition} {letter.offset}"
    return _plain(f"{own:20} {letter.original.type:20} {letter.original.key}")


def _place(letter: Letter) -> str:
    return f"{letter.original.topic}/{letter.original.partition}@{letter.at}"


def _plain(text: str) -> str:
    """For a terminal: a key or a header may hold anything."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _age(since: timedelta) -> str:
    seconds = max(0, int(since.total_seconds()))
    for length, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds // length} {name}"
    return f"{seconds} s"


def _moment(text: str, now: datetime) -> datetime:
    """30m, 12h, 7d before now; or a time, UTC unless it says otherwise."""
    if match := re.fullmatch(r"(\d{1,6})([mhd])", text):
        return now - int(match[1]) * UNITS[match[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise StackError(f"--since {text}: say 30m, 12h, 7d or a time like 2026-11-23T08:00") from wrong
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
