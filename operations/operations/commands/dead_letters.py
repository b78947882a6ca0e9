"""`kmzb dead-letters …`: see what services could not use, and once the cause is mended, replay it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer
from chassis import clock
from chassis.kafka.letters import key_hash
from contracts.topics import SERVICES
from deploy.stack.process import StackError

from operations.commands.topics import as_json
from operations.consumption.groups import MEMBERED, service_of
from operations.consumption.members import chosen_members, elsewhere, own_member
from operations.dead_letters.blocked_keys import BlockedKey, delete_blocked_keys, dsn_of, list_blocked_keys
from operations.dead_letters.discards import Discard, delete_letters, discards
from operations.dead_letters.records import (
    DeadLetter,
    find_dead_letter,
    letters_under,
    plain,
    read_dead_letters,
    shown_key,
)
from operations.dead_letters.replay import Decision, decisions, publish_originals, read_topic_messages
from operations.dead_letters.set_aside import find_position, have_set_aside
from operations.options import choose_topic, known_service, moment
from operations.printing import Json, Yes, end_amiss, in_short, json_text, print_json
from operations.target import FolderOrEnvironment, find_target

HELP = """See and replay what services could not use.

A message a service can't use is set aside, untouched, on the service's
dead-letter topic, with the reason. A service with a database then blocks the
key on that topic: what follows under it is set aside too (reason `behind`),
so that order is kept. Nothing else waits for it.

What to do: `list` and `show` say what is wrong. Mend the cause: deploy a fix,
or tell the partner who wrote it. Then `replay SERVICE --key K` for one key,
see that it took effect, and `replay SERVICE --all`. Replaying is harmless:
every reader recognises what already took effect. Dead letters are kept 90 days.
Keys are unblocked in the database that the environment names; where a region's
instance set something aside too, `replay` says so, and what to do about it.

Asks the servers that the environment names (KMZB_KAFKA_BOOTSTRAP,
KMZB_NAMESPACE, KMZB_<SERVICE>_POSTGRES_DSN or KMZB_POSTGRES_ADMIN_DSN);
without them, or with --stack, the system that was brought up under the folder.
"""

_WITH_ITS_OWN = "with its KMZB_INSTANCE and its databases in the environment"

app = typer.Typer(help=HELP, no_args_is_help=True)
_SkipFirst = Annotated[
    bool, typer.Option("--skip-first", help="Leave out what could not be used itself, replay only what came behind it.")
]
Service = Annotated[str, typer.Argument(help=f"Whose dead letters: {', '.join(SERVICES)}.")]


@app.command("list")
def list_dead_letters(
    service: Annotated[str | None, typer.Option(help="Only this service's.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only with this reason: schema, json, database, behind, …")] = None,
    key: Annotated[str | None, typer.Option(help="Only under this key (the report's id).")] = None,
    since: Annotated[str | None, typer.Option(help="Only as new as 30m, 12h, 7d or a time, 2026-11-23T08:00.")] = None,
    stack: FolderOrEnvironment = None,
) -> None:
    """Say what stands on the dead-letter topics, and which keys are blocked. Never prints what a message says.

    The three words a line begins with are what `show` wants; the second line says where the message came from.
    """
    target = find_target(stack)
    chosen, now = [known_service(service)] if service else list(SERVICES), clock.now()
    oldest = moment(since, now) if since else datetime.min.replace(tzinfo=UTC)
    found = 0
    for letter in read_dead_letters(target.settings, chosen):
        fits = letter.is_under(key) and reason in (None, letter.reason)
        if fits and letter.written_at >= oldest:
            typer.echo(f"{_line(letter)}  {in_short((now - letter.written_at).total_seconds())}")
            typer.echo(f"    {plain(f'{letter.origin}  {letter.reason}: {letter.detail}')}")
            found += 1
    typer.echo(f"{found} dead letters")
    for name in chosen:
        for blocked in _blocked_keys(name, target.addresses):
            if key in (None, blocked.key) and reason in (None, blocked.reason) and blocked.since >= oldest:
                own, age = own_member(target.settings, name), in_short((now - blocked.since).total_seconds())
                typer.echo(plain(f"{own} blocks {blocked.key} on {blocked.topic}  {age}  {blocked.reason}"))
    if others := [member for member in elsewhere(target.settings) if service_of(member) in chosen]:
        typer.echo(f"which keys {', '.join(others)} block is not known here: look {_WITH_ITS_OWN}", err=True)


@app.command()
def show(
    service: Service,
    partition: Annotated[int, typer.Argument(help="The dead letter's partition, the second word in `list`.")],
    offset: Annotated[int, typer.Argument(help="The dead letter's offset, the third word in `list`.")],
    value: Annotated[
        bool, typer.Option("--value", help="Print what the message says too: it may be a citizen's words.")
    ] = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Print one dead letter as JSON; the headers kmzb_dlq_* say what happened, the others are the original's."""
    message = find_dead_letter(find_target(stack).settings, known_service(service), partition, offset)
    letter = as_json(message)
    if not value:
        raw = message.value()
        letter["value"] = "tombstone" if raw is None else f"{len(raw)} bytes; --value prints them"
    typer.echo(json_text(letter, indent=2))


@app.command()
def replay(
    service: Service,
    key: Annotated[str | None, typer.Option(help="Replay what waits under this key.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Replay what waits under every key.")] = False,
    skip_first: _SkipFirst = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would be done.")] = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Unblock the keys, then publish the originals again.

    In order, to where they stood, with the original key, value and headers.
    Mend the cause first: what still can't be used is set aside again, and so
    many in a row stop the service (KMZB_UNUSABLE_LIMIT).

    One whose message stands on its topic again is not replayed once more, so
    this may be repeated, also after it was interrupted. On a compacted topic
    only the newest message of a key is replayed, and none after which something
    newer was said: erased words do not come back.
    """
    if everything == (key is not None):
        raise StackError("say either --key K or --all")
    target = find_target(stack)
    dsn = dsn_of(known_service(service), target.addresses)
    chosen = letters_under(target.settings, service, key)
    decided = decisions(chosen, read_topic_messages(target.settings, chosen), skip_first=skip_first)
    for letter, decision in decided.items():
        typer.echo(f"{_line(letter)}  {decision}")
    to_replay = [letter for letter, decision in decided.items() if decision is Decision.REPLAY]
    if not yes:
        typer.echo(f"{len(to_replay)} of {len(decided)} would be replayed. Nothing was done; --yes does it.")
        return
    # First the keys: what arrives while its key is blocked would be set aside again.
    keys = {(letter.original.topic, key_hash(letter.original.raw_key)) for letter in chosen}
    unblocked = delete_blocked_keys(service, dsn, keys) if dsn else 0
    replayed = publish_originals(target.settings, [letter.original for letter in to_replay])
    typer.echo(f"{unblocked} keys unblocked, {replayed} of {len(decided)} dead letters replayed")
    for member in sorted({letter.member for letter in chosen} - {own_member(target.settings, service)}):
        typer.echo(f"{member} set some of them aside too. Say this once more {_WITH_ITS_OWN}")


@app.command()
def discard(
    service: Service,
    key: Annotated[str | None, typer.Option(help="Also give up what waits under this key.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also give up what waits under every key.")] = False,
    yes: Yes = False,
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Delete dead letters that are done with: replayed, or overtaken.

    With --key or --all also what was never replayed: what a citizen, an officer
    or an agency said there never takes effect. The log only deletes from its old
    end, so what stands behind a letter that is kept is kept with it, and that is
    said. Exit codes: 0; 1 not possible; 3 letters are kept behind another.
    """
    settings = find_target(stack).settings
    letters = letters_under(settings, known_service(service), None)
    given_up = {letter for letter in letters if everything or (key is not None and letter.is_under(key))}
    planned = discards(decisions(letters, read_topic_messages(settings, letters)), given_up)
    if yes:
        delete_letters(settings, service, planned)
    if json:
        found = [{"partition": at.partition, "offset": at.offset, "what": what.name} for at, what in planned.items()]
        print_json({"done": yes, "letters": found})
    else:
        for letter, decided in planned.items():
            typer.echo(f"{_line(letter)}  {decided}")
        count = sum(decided is Discard.DELETE for decided in planned.values())
        typer.echo(f"{count} of {len(planned)} {'deleted' if yes else 'would be deleted; --yes does it'}")
    end_amiss(Discard.BEHIND in planned.values())


@app.command()
def unblock(
    service: Service,
    key: Annotated[str, typer.Option(help="The key (the report's id).")],
    stack: FolderOrEnvironment = None,
) -> None:
    """Only unblock a key: what comes from now on takes effect, what was set aside stays where it is."""
    dsn = dsn_of(known_service(service), find_target(stack).addresses)
    if dsn is None:
        raise StackError(f"{service} has no database, so it blocks nothing")
    blocked = {(each.topic, each.key_sha256) for each in list_blocked_keys(service, dsn) if each.key == key}
    if not blocked:
        raise StackError(f"{service} does not block {plain(key)}")
    delete_blocked_keys(service, dsn, blocked)
    for topic, _ in sorted(blocked):
        typer.echo(f"{service} takes {plain(key)} on {topic} again")


@app.command("set-aside")
def set_aside(
    topic: Annotated[str, typer.Argument(help="The topic's name, or a part of it that no other has.")],
    partition: Annotated[int, typer.Argument(help="The message's partition.", min=0)],
    offset: Annotated[int, typer.Argument(help="The message's offset.", min=0)],
    service: Annotated[str, typer.Option(help=f"Who is to: {', '.join(MEMBERED)}, a region's casework.wroclaw.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would be done.")] = False,
    wait: Annotated[float, typer.Option(help="How many seconds to wait for a moment between two starts.")] = 60.0,
    stack: FolderOrEnvironment = None,
) -> None:
    """Have a service set aside the message that it can't get past.

    What ends a service three times is set aside by itself. This is for what does
    not count as a try, or for the day there is no time. It is said between two
    starts of the service, so stop the service where it does not end by itself.
    """
    chosen, settings = choose_topic(topic), find_target(stack).settings
    (reader,) = chosen_members(settings, service)
    if service_of(reader) not in chosen.readers or partition not in range(chosen.partitions):
        raise StackError(f"{reader} reads no partition {partition} of {chosen.name}")
    position = find_position(settings, reader, chosen, partition)
    if position != offset:
        stands = "has handled everything there" if position is None else f"stands at {position}"
        raise StackError(f"{reader} {stands} on {chosen.name}/{partition}, not at {offset}: nothing was done")
    if not yes:
        typer.echo(f"{reader} would set aside {chosen.name}/{partition}@{offset}. Nothing was done; --yes does it.")
        return
    have_set_aside(settings, reader, chosen, partition, offset, wait)
    typer.echo(f"{reader} sets aside {chosen.name}/{partition}@{offset} when it starts next")


def _blocked_keys(service: str, addresses: Mapping[str, str]) -> list[BlockedKey]:
    """The service's blocked keys; where nobody can say, that is said, and the others' are shown."""
    try:
        dsn = dsn_of(service, addresses)
        return list_blocked_keys(service, dsn) if dsn else []
    except StackError as problem:
        typer.echo(f"which keys {service} blocks is not known: {problem}", err=True)
        return []


def _line(letter: DeadLetter) -> str:
    own = f"{letter.service} {letter.partition} {letter.offset}"
    by = f"  by {letter.member}" if letter.member != letter.service else ""
    return plain(f"{own:20} {letter.original.type:20} {shown_key(letter.original.key)}{by}")
