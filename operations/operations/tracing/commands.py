"""`kmzb trace`: where a report is."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Annotated

import typer
from chassis import clock
from contracts.events.cases import CaseChange
from contracts.events.routing import Routing
from contracts.topics import INTAKE, SERVICES
from deploy.stack.process import StackError

from operations.consumption.groups import positions, running_members, topics_read
from operations.consumption.members import concerned
from operations.dead_letters.records import DeadLetter, read_dead_letters
from operations.dead_letters.replay import Decision, decisions, read_topic_messages
from operations.printing import Json, end_amiss, in_short, print_json, print_table
from operations.target import FolderOrEnvironment, Target, find_target
from operations.tracing.hops import Hop, hops
from operations.tracing.lookup import Found, find
from operations.tracing.standing import Evidence, Obstacle, obstacles, unread_by
from operations.tracing.stores import stored_facts


def trace(
    report: Annotated[str, typer.Argument(help="A report's id, its receipt, or its case's number.")],
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Follow one report: every hop with time, offset and lag, its notices, and where it stands if it stopped.

    `age` counts from the first message about it, `lag` from the one before. The last column
    names the services that have not read a message yet; of regions' own instances
    those whose the report is. Never prints what a citizen
    or an officer wrote, or an address. Exit codes: 0 it arrived everywhere; 1 no
    such report, or nobody could be asked; 3 it stands somewhere, and the last
    lines say where.
    """
    target, at = find_target(stack), clock.now()
    found = find(target.settings, target.addresses, report)
    known = _evidence(target, found)
    if not known.hops:
        raise StackError(f"nothing on any topic is about {found.report_id}")
    stands = obstacles(known, at)
    if json:
        print_json(_as_json(found, known, stands))
    else:
        _print(known, stands)
    end_amiss(bool(stands))


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(trace)


def _evidence(target: Target, found: Found) -> Evidence:
    settings = target.settings
    about = hops(settings, found)
    on = {(hop.topic.name, hop.partition) for hop in about}
    changes = [hop.event for hop in about if isinstance(hop.event, Routing | CaseChange)]
    those = concerned(settings, {(event.owner.garrison, event.submitted_at) for event in changes})
    stand = {
        (member, position.topic.name, position.partition): position
        for member in those
        if (read := [topic for topic in topics_read(settings, member) if topic.name in {name for name, _ in on}])
        for position in positions(settings, member, read)
        if (position.topic.name, position.partition) in on
    }
    letters = [letter for letter in _waiting_letters(target, found) if letter.member in {*those, INTAKE}]
    facts = stored_facts(settings, target.addresses, found.report_id, those)
    return Evidence(about, stand, letters, {member: running_members(settings, member) for member in those}, facts)


def _waiting_letters(target: Target, found: Found) -> list[DeadLetter]:
    """Dead letters of this report that were not replayed."""
    letters = [each for each in read_dead_letters(target.settings, SERVICES) if _is_about(each, found)]
    decided = decisions(letters, read_topic_messages(target.settings, letters)) if letters else {}
    return [letter for letter, decision in decided.items() if decision in (Decision.REPLAY, Decision.REFUSED)]


def _is_about(letter: DeadLetter, found: Found) -> bool:
    return letter.original.key.partition("/")[0] == str(found.report_id)


def _ages(about: Sequence[Hop]) -> list[tuple[float, float]]:
    """Of each hop the seconds since the first and since the one before."""
    began: datetime = about[0].written_at
    lags = [0.0, *((later.written_at - earlier.written_at).total_seconds() for earlier, later in pairwise(about))]
    return [((hop.written_at - began).total_seconds(), lag) for hop, lag in zip(about, lags, strict=True)]


def _print(known: Evidence, stands: Sequence[Obstacle]) -> None:
    rows = zip(known.hops, _ages(known.hops), strict=True)
    print_table(
        ("time", "#age", "#lag", "place", "what", "", "not read by"),
        ((hop.written_at, in_short(age), in_short(lag), hop.place, hop.what, hop.detail,
          ", ".join(unread_by(hop, known.positions))) for hop, (age, lag) in rows),
    )  # fmt: skip
    if known.facts.ledger:
        typer.echo("")
        print_table(
            ("decided", "notice", "to", "by", "became", "ended", "#attempts"),
            ((each.decided_at, each.kind, each.recipient or each.audience, each.channel, each.state, each.ended_at,
              each.attempts) for each in known.facts.ledger),
        )  # fmt: skip
    typer.echo("")
    for service in known.facts.unasked:
        typer.echo(f"{service}'s database could not be asked: what waits in its outbox is not known")
    for each in stands:
        typer.echo(f"stands at {each.service}: {each.why}")
    if not stands:
        typer.echo("It arrived everywhere.")


def _as_json(found: Found, known: Evidence, stands: Sequence[Obstacle]) -> dict[str, object]:
    rows = zip(known.hops, _ages(known.hops), strict=True)
    return {
        "report_id": found.report_id,
        "hops": [
            {"time": hop.written_at, "age": age, "lag": lag, "topic": hop.topic.name, "partition": hop.partition,
             "offset": hop.offset, "what": hop.what, "detail": hop.detail, "unread_by": unread_by(hop, known.positions)}
            for hop, (age, lag) in rows
        ],
        "notices": [{name: getattr(each, name) for name in each.__slots__} for each in known.facts.ledger],
        "not_asked": known.facts.unasked,
        "stands": [{"service": each.service, "why": each.why} for each in stands],
    }  # fmt: skip
