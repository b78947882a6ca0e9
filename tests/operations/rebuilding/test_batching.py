"""What is replayed comes in few batches, and leaves what a reader leaves that takes one message at a time."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from random import Random

import public_map.app as public_map
from chassis.kafka.messages import Received
from chassis.postgres import Connection
from contracts.base import Event
from contracts.events.cases import CaseChange
from contracts.topics import PUBLIC_MAP
from operations.rebuilding.batching import AT_ONCE, full_batches
from operations.rebuilding.plans import plan_of
from psycopg import sql
from psycopg.rows import dict_row
from support.events import received
from support.public_map.public_lives import many_lives
from support.stack.databases import Clone

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
SINGLY = plan_of(PUBLIC_MAP, {}).singly


def one_after_another() -> list[Received]:
    """Many lives of reports, each over before the next begins."""
    return [received(event) for life in many_lives(NOW) for event in life]


def side_by_side(seed: int) -> list[Received]:
    """The same, in the order of each, as they may come when all are open at once."""
    chance = Random(seed)
    left: list[list[Event]] = [[*life] for life in many_lives(NOW)]
    said: list[Received] = []
    while left:
        life = chance.choice(left)
        said.append(received(life.pop(0)))
        left = [each for each in left if each]
    return said


def of_each(messages: Iterable[Received]) -> dict[str, list[int]]:
    """Where each report's messages stood, in this order."""
    found: dict[str, list[int]] = {}
    for message in messages:
        found.setdefault(message.key, []).append(message.raw.offset)
    return found


def test_each_message_is_in_one_batch_and_a_report_s_stay_in_their_order() -> None:
    for said in (one_after_another(), side_by_side(1), side_by_side(2)):
        batches = [*full_batches(iter(said), SINGLY)]
        assert of_each(message for batch in batches for message in batch) == of_each(said)
        for batch in batches:
            changes = Counter(message.key for message in batch if isinstance(message.event, CaseChange))
            assert max(changes.values(), default=0) <= 1
        most = max(Counter(m.key for m in said if isinstance(m.event, CaseChange)).values())
        assert len(batches) == most  # not one for each report or two


def test_where_nothing_is_single_only_the_size_ends_a_batch() -> None:
    said = one_after_another() * 6
    assert [len(batch) for batch in full_batches(iter(said), ())] == [AT_ONCE, len(said) - AT_ONCE]


def test_public_map_ends_as_if_it_had_read_one_message_at_a_time(database: Callable[[str], Clone]) -> None:
    said = side_by_side(3)
    one_by_one = replayed(database(PUBLIC_MAP), [[message] for message in said])
    for batches in (full_batches(iter(said), SINGLY), full_batches(iter(one_after_another()), SINGLY)):
        at_once = replayed(database(PUBLIC_MAP), batches)
        for table, rows in one_by_one.items():
            assert at_once[table] == rows, table
    assert one_by_one["handling"]
    assert one_by_one["public_report"]


def replayed(clone: Clone, batches: Iterable[Sequence[Received]]) -> dict[str, list[str]]:
    """Every row that these batches leave in the tables that are built anew."""
    with Connection.connect(clone.service, row_factory=dict_row) as connection:
        for batch in batches:
            public_map.handle(connection, batch)
        queries = {
            table: sql.SQL("select each::text from {} as each order by 1").format(sql.Identifier(table))
            for table in plan_of(PUBLIC_MAP, {}).emptied
            if table != "tile_change"  # by which transaction, and there is one
        }
        return {table: [row["each"] for row in connection.execute(query)] for table, query in queries.items()}
