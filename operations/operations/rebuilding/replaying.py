"""Replaying a service's topics into its emptied store, in one transaction: built anew whole, or as it was before."""

from collections.abc import Callable, Iterator, Sequence
from heapq import merge

from chassis import outbox
from chassis.kafka.client import topic_name
from chassis.kafka.messages import Newer, RawMessage, Received, raw_message, read_message
from chassis.kafka.tries import BATCH
from chassis.postgres import Connection
from chassis.settings import Settings
from contracts.envelope import Unusable
from deploy.stack.process import StackError
from psycopg import sql
from psycopg.rows import dict_row

from operations.consumption.groups import Position, positions, require_stopped
from operations.rebuilding.batching import full_batches
from operations.rebuilding.plans import Plan
from operations.topic_reader import read_partitions

Say = Callable[[str], None]


def rebuild(plan: Plan, settings: Settings, dsn: str, say: Say) -> str:
    """Empty the store and fill it from its topics, as far as the service had read them; gives what is left to be said.

    Raises StackError, and then the store is as it was: while the service runs, while something it decided is not on
    the log, and for a message that can't be used now and was not set aside then.
    """
    require_stopped(settings, plan.member)
    with Connection.connect(dsn, row_factory=dict_row) as connection:
        _require_quiet(connection, plan.member)
        before = positions(settings, plan.member, plan.topics)
        # A plan that is made while the tables are empty, and kept, would read them whole for each batch later on.
        connection.execute("set local plan_cache_mode = force_custom_plan")
        for table in plan.emptied:
            connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
        for number in sorted({position.partition for position in before}):
            read = [position for position in before if position.partition == number]
            say(f"partition {number}: {_replay(plan, settings, connection, read)} messages")
        told = plan.finish(connection, settings)
        require_stopped(settings, plan.member)
        if _committed(before) != _committed(positions(settings, plan.member, plan.topics)):
            raise StackError(
                f"{plan.member} was started meanwhile: its store is as it was. Stop it, and say this again"
            )
    return told


def _require_quiet(connection: Connection, service: str) -> None:
    """Raises StackError unless nobody publishes from the outbox, and there is nothing in it to be published."""
    if not outbox.lock(connection):
        raise StackError(f"an instance of {service} publishes from its outbox: stop every one")
    if waiting := outbox.list_oldest(connection, BATCH):
        more = "or more " if len(waiting) == BATCH else ""
        raise StackError(
            f"{len(waiting)} {more}events that {service} decided are not on the log, the oldest for"
            f" {waiting[0].age:.0f} s. Start it, wait until kmzb_outbox_oldest_seconds is 0, stop it, say this again"
        )


def _replay(plan: Plan, settings: Settings, connection: Connection, read: Sequence[Position]) -> int:
    """Handle what had been handled of one partition, which is the same for a report on all topics."""
    usable = _usable(plan, _messages(settings, read), _origins(connection))
    count = 0
    for batch in full_batches(usable, plan.singly):
        try:
            plan.handle(connection, batch)
        except Unusable as why:
            raise StackError(
                f"a message that was used before can't be used now: {why}. The store is as it was"
            ) from why
        count += len(batch)
    return count


def _messages(settings: Settings, read: Sequence[Position]) -> Iterator[RawMessage]:
    """The messages of these topics that had been handled, in the order in which they were written."""
    return merge(
        *(_messages_of(settings, position) for position in read if position.next > position.first),
        key=lambda raw: raw.written_ms,
    )


def _messages_of(settings: Settings, position: Position) -> Iterator[RawMessage]:
    name = topic_name(settings, position.topic.name)
    for message in read_partitions(settings, {(name, position.partition): position.first}):
        if (message.offset() or 0) < position.next:
            yield raw_message(settings, message)


def _usable(plan: Plan, messages: Iterator[RawMessage], set_aside: set[tuple[object, ...]]) -> Iterator[Received]:
    """What took effect: neither what was set aside nor what is held. Raises StackError."""
    for raw in messages:
        if (raw.topic.name, raw.partition, raw.offset, raw.written_ms) in set_aside:
            continue
        match read_message(raw):
            case Received() as received:
                yield received
            case Newer(base=Received() as base) if raw.topic in plan.base_suffices:
                yield base
            case Newer(why=why) | (Unusable() as why):
                raise StackError(
                    f"{raw.where} can't be used by this release of kmzb ({why}), and {plan.service} has not set it"
                    " aside: take the kmzb that was deployed with the service. The store is as it was"
                )


def _origins(connection: Connection) -> set[tuple[object, ...]]:
    rows = connection.execute(
        'select topic, partition, "offset", written_ms from set_aside'
        ' union all select topic, partition, "offset", written_ms from held'
    )
    return {(row["topic"], row["partition"], row["offset"], row["written_ms"]) for row in rows}


def _committed(found: Sequence[Position]) -> list[int | None]:
    return [position.committed for position in found]
