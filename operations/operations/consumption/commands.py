"""`kmzb lag` and `kmzb offsets …`: what waits for services, and from where they read on."""

from typing import Annotated

import typer
from chassis import clock
from contracts.topics import NOTIFIER, ROUTING
from deploy.stack.process import StackError

from operations.consumption.groups import (
    MEMBERED,
    Position,
    commit,
    positions,
    require_stopped,
    service_of,
    topics_read,
)
from operations.consumption.lags import Lag, by_topic, lags
from operations.consumption.members import chosen_members
from operations.consumption.resets import Move, moves
from operations.options import choose_topic
from operations.printing import Json, Yes, end_amiss, in_short, print_json, print_table
from operations.target import FolderOrEnvironment, Target, find_target

OFFSETS_HELP = """See from where services read on, and move that.

A service commits what it has handled, so after a restart it goes on from there.
To have it read something again, stop it, `reset` it to an earlier place, start
it. That is harmless: what took effect is recognised. To rebuild what a service
keeps use `kmzb rebuild` instead: that publishes nothing.
"""
AGAIN = {
    ROUTING: "answers these reports again, with the districts of now; who reads the answers recognises them",
    NOTIFIER: "tells nobody a second time: what stands in its ledger is recognised",
}
_WHOSE = f"{', '.join(MEMBERED)}, or a region's own, like casework.wroclaw"
_Service = Annotated[str, typer.Argument(help=f"Whose: {_WHOSE}.")]
_Topic = Annotated[str | None, typer.Option(help="Only this topic: its name, or a part no other has.")]
_Partition = Annotated[int | None, typer.Option(min=0, help="Only this partition.")]

offsets = typer.Typer(help=OFFSETS_HELP, no_args_is_help=True)


def lag(
    service: Annotated[str | None, typer.Option(help=f"Only this service: {_WHOSE}.")] = None,
    partitions: Annotated[bool, typer.Option("--partitions", help="A line for every partition.")] = False,
    over: Annotated[float | None, typer.Option(min=0, help="End with 3 when anything waits longer than this.")] = None,
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Say how far each service is behind on each topic, in messages and in seconds.

    The seconds are the age of the oldest message that waits: what an officer or
    a citizen feels. Asked of the brokers, so it is right also while a service is
    down. Exit codes: 0; 1 the brokers could not be asked; 3 with --over, when
    something waits longer.
    """
    target, found = find_target(stack), list[Position]()
    for name in chosen_members(target.settings, service):
        found += positions(target.settings, name, topics_read(target.settings, name))
    late = lags(target.settings, found, clock.now())
    if json:
        print_json([_lag_as_json(each) for each in late])
    elif partitions:
        print_table(
            ("service", "topic", "#partition", "#offset", "#end", "#messages", "#oldest"),
            ((each.position.service, each.position.topic.name, each.position.partition, each.position.committed,
              each.position.end, each.position.waiting, in_short(each.seconds)) for each in late),
        )  # fmt: skip
    else:
        print_table(
            ("service", "topic", "#messages", "#oldest", "#partitions"),
            ((each.service, each.topic.name, each.messages, in_short(each.seconds), each.partitions)
             for each in by_topic(late)),
        )  # fmt: skip
    end_amiss(over is not None and any(each.seconds > over for each in late))


@offsets.command("show")
def show(
    service: _Service,
    topic: _Topic = None,
    partition: _Partition = None,
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Say where a service stands on each partition, and what it noted there.

    A note `tries=2;…` says that the message there ended the service twice; the
    third time it is set aside. `lost` are messages that were deleted before the
    service came to them. Exit codes: 0; 1 not known; 3 when something is lost.
    """
    found = _positions(find_target(stack), service, topic, partition)
    if json:
        print_json([_position_as_json(each) for each in found])
    else:
        print_table(
            ("topic", "#partition", "#first", "#offset", "#end", "#waiting", "#lost", "note"),
            ((each.topic.name, each.partition, each.first, each.committed, each.end, each.waiting, each.lost, each.note)
             for each in found),
        )  # fmt: skip
    end_amiss(any(each.lost for each in found))


@offsets.command("reset")
def reset(
    service: _Service,
    to: Annotated[str, typer.Option(help="beginning, end, 30m, 12h, 7d, a time, or an offset of one partition.")],
    topic: _Topic = None,
    partition: _Partition = None,
    skip: Annotated[bool, typer.Option("--skip", help="Also forward: what is left out never takes effect.")] = False,
    yes: Yes = False,
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Have a stopped service read on from another place, and say what that means.

    Only while no instance is in its group. Without --yes nothing is done. Forward
    is refused without --skip, and nearly always wrong: to get past one message
    use `kmzb dead-letters set-aside`, which keeps it. Exit codes: 0; 1 refused
    or not possible; 2 usage.
    """
    target = find_target(stack)
    planned = moves(target.settings, _positions(target, service, topic, partition), to, clock.now())
    left_out = sum(move.never for move in planned)
    if left_out and not skip:
        raise StackError(f"{left_out} messages that wait would never be handled: --skip says that this is meant")
    if yes:
        require_stopped(target.settings, service)
        commit(target.settings, service, [(move.position, move.to) for move in planned])
    if json:
        print_json({"done": yes, "moves": [_move_as_json(move) for move in planned]})
        return
    print_table(
        ("topic", "#partition", "#offset", "#to", "#read again", "#left out"),
        ((move.position.topic.name, move.position.partition, move.position.committed, move.to, move.again, move.never)
         for move in planned),
    )  # fmt: skip
    again = sum(move.again for move in planned)
    if again:
        what_follows = AGAIN.get(service_of(service), "recognises what took effect")
        typer.echo(f"{service} reads {again} messages again: it {what_follows}")
    typer.echo("Done; start it." if yes else "Nothing was done; --yes does it, once the service is stopped.")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(lag)
    app.add_typer(offsets, name="offsets")


def _positions(target: Target, service: str, topic: str | None, partition: int | None) -> list[Position]:
    (name,) = chosen_members(target.settings, service)
    read = topics_read(target.settings, name)
    if topic is not None:
        chosen = choose_topic(topic)
        if chosen not in read:
            raise StackError(f"{name} does not read {chosen.name} as a group")
        read = [chosen]
    found = [each for each in positions(target.settings, name, read) if partition in (None, each.partition)]
    if not found:
        raise StackError(f"{', '.join(each.name for each in read)}: no partition {partition}")
    return found


def _position_as_json(position: Position) -> dict[str, object]:
    names = ("service", "partition", "first", "committed", "end", "waiting", "lost", "note")
    return {"topic": position.topic.name, **{name: getattr(position, name) for name in names}}


def _lag_as_json(late: Lag) -> dict[str, object]:
    return {**_position_as_json(late.position), "seconds": round(late.seconds, 3)}


def _move_as_json(move: Move) -> dict[str, object]:
    return {**_position_as_json(move.position), "to": move.to, "again": move.again, "never": move.never}
