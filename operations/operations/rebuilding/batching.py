"""In which batches what was read is handled again: each costs its statements anew, so as few and full as may be."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from chassis.kafka.messages import Received
from chassis.kafka.tries import BATCH
from contracts.base import Event

AT_ONCE = 2_000
"""Messages of a batch: beyond it the statements cost no less for each."""
_WINDOW = 20_000


def full_batches(messages: Iterator[Received], singly: tuple[type[Event], ...]) -> Iterator[list[Received]]:
    """Batches of many reports, with at most one event of a report that is of a kind in `singly`.

    A report's messages keep their order. Those of different reports do not: nothing that is kept of one depends on
    another's. Most come one report after another, so that batches in the order of the log would hold one or two each.
    """
    while window := list(islice(messages, _WINDOW)):
        for turn in _turns(window, singly):
            turn.sort(key=lambda message: message.key)  # a report's together, so that its row is written once
            for start in range(0, len(turn), AT_ONCE):
                yield turn[start : start + AT_ONCE]


def _turns(window: Sequence[Received], singly: tuple[type[Event], ...]) -> list[list[Received]]:
    """The messages by how many of their report's `singly` events came before them: the first and all until the second,
    the second and all until the third, and so on.
    """
    turns: list[list[Received]] = []
    had = Counter[str]()
    for message in window:
        had[message.key] += isinstance(message.event, singly)
        turn = max(had[message.key] - 1, 0)
        turns.extend([] for _ in range(turn + 1 - len(turns)))
        turns[turn].append(message)
    return turns


def ordered_batches(messages: Iterator[Received]) -> Iterator[list[Received]]:
    """Batches in the order of the log with one message of a report each, as a reader has them that is never behind."""
    batch: list[Received] = []
    keys: set[str] = set()
    for message in messages:
        if message.key in keys or len(batch) == BATCH:
            yield batch
            batch, keys = [], set()
        batch.append(message)
        keys.add(message.key)
    if batch:
        yield batch
