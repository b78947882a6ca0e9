"""What moving a group's offsets would mean: what is read again, and what is never read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.kafka.client import topic_name
from chassis.settings import Settings
from deploy.stack.process import StackError

from operations.consumption.groups import Position
from operations.options import moment
from operations.topic_reader import offsets_since


@dataclass(frozen=True, slots=True)
class Move:
    """One partition's offset as it is to be. `again`: messages that are handled once more; `never`: those left out."""

    position: Position
    to: int

    @property
    def again(self) -> int:
        """How many offsets that were handled are handled again."""
        return max(0, self.position.next - self.to) if self.position.committed is not None else 0

    @property
    def never(self) -> int:
        """How many offsets that wait would never be handled."""
        return max(0, self.to - self.position.next)


def moves(settings: Settings, found: Sequence[Position], to: str, at: datetime) -> list[Move]:
    """Where each position is to go: `beginning`, `end`, an offset, or a time (an ISO one, or 30m, 12h, 7d before `at`).

    Those that stay where they are are left out. Raises StackError for anything else, and for an offset that is not
    there; KafkaException.
    """
    if to == "beginning":
        wanted = {position: position.first for position in found}
    elif to == "end":
        wanted = {position: position.end for position in found}
    elif to.isascii() and to.isdecimal():
        wanted = _exactly(found, int(to))
    else:
        wanted = _since(settings, found, moment(to, at))
    return [Move(position, offset) for position, offset in wanted.items() if offset != position.committed]


def _exactly(found: Sequence[Position], offset: int) -> dict[Position, int]:
    if len(found) != 1:
        raise StackError(f"an offset, {offset}, is one of a single partition: name it with --topic and --partition")
    (position,) = found
    if not position.first <= offset <= position.end:
        raise StackError(f"{position.topic.name}/{position.partition} goes from {position.first} to {position.end}")
    return {position: offset}


def _since(settings: Settings, found: Sequence[Position], since: datetime) -> dict[Position, int]:
    """The first message of each partition that was written then or later; its end where there is none."""
    places = {(topic_name(settings, position.topic.name), position.partition): position for position in found}
    starts = offsets_since(settings, places, since)
    return {position: position.end if (start := starts[at]) is None else start for at, position in places.items()}
