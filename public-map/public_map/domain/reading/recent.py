"""The newest messages of the public topic, kept for those who follow it live, and where on it somebody is.

A position is the offset of each partition to be read next: exactly what its reader has seen, on whichever instance.
"""

import re
from collections import deque
from dataclasses import dataclass, replace
from itertools import islice
from uuid import UUID

from public_map.domain.queries import BoundingBox

Position = tuple[int, ...]
"""Of each partition the offset to be read next."""

# No topic gets farther.
_OFFSET = re.compile("[0-9]{1,18}")
_FARTHEST_AHEAD = 10_000


@dataclass(frozen=True, slots=True)
class Change:
    """A message of the topic: the report as JSON with its place and version, or that it left the map."""

    partition: int
    offset: int
    report_id: UUID
    json: bytes | None
    place: tuple[float, float] | None = None
    version: int = 0
    skipped: bool = False
    """Of no interest to whoever asks: seen already, or followed by a later change of the same report."""

    def event(self, box: BoundingBox | None) -> tuple[str, bytes] | None:
        """What is said of it to somebody who looks at a box, or at everything; None where it is nothing to them.

        A report outside of the box may have been inside before: it is said to be gone. Its first version was not.
        """
        if self.skipped:
            return None
        if self.json is not None and self.place is not None:
            if box is None or (box[0] <= self.place[0] <= box[2] and box[1] <= self.place[1] <= box[3]):
                return "report", self.json
            if self.version <= 1:
                return None
        return "removed", f'{{"report_id":"{self.report_id}"}}'.encode()


class RecentChanges:
    """At most `most` changes in the order they were read, and where each partition begins and ends here.

    Of each report only the newest change is given out: what is hidden by now is not said again. For one thread at a
    time.
    """

    def __init__(self, partitions: int, most: int) -> None:
        self.added = 0
        """How many changes there ever were: the number of the one to come."""
        self._most = most
        self._changes: deque[tuple[Change, Position]] = deque()
        self._newest: dict[UUID, int] = {}
        self._next: list[int | None] = [None] * partitions  # the offset to be read next
        self._from: list[int | None] = [None] * partitions  # from where on everything is here
        self._origin: list[int | None] = [None] * partitions  # what was read first

    def settle(self, ends: Position) -> None:
        """Learn where partitions go on of which nothing was read, once all there was has been."""
        for partition, end in enumerate(ends):
            if self._next[partition] is None:
                self._next[partition] = self._from[partition] = self._origin[partition] = end

    def add(self, change: Change) -> None:
        """Keep a change, and forget the oldest where there are too many; one that was read before changes nothing."""
        following = self._next[change.partition]
        if following is None:
            self._from[change.partition] = self._origin[change.partition] = change.offset
        elif change.offset < following:
            return
        self._next[change.partition] = change.offset + 1
        self._changes.append((change, self._known(self._next)))
        self._newest[change.report_id] = self.added
        self.added += 1
        if len(self._changes) > self._most:
            gone, _ = self._changes.popleft()
            if self._newest[gone.report_id] < self._first:
                del self._newest[gone.report_id]
            self._from[gone.partition] = gone.offset + 1

    @property
    def position(self) -> Position:
        """Behind everything that was added."""
        return self._known(self._next)

    @property
    def _first(self) -> int:
        return self.added - len(self._changes)

    def number_at(self, position: Position) -> int | None:
        """From which number on somebody goes on who is at a position; None where not everything from there is here.

        Somebody ahead of us read at another instance; somebody far ahead read another topic.
        """
        for at, begins, ends in zip(position, self._from, self._next, strict=True):
            if begins is None or ends is None or not begins <= at <= ends + _FARTHEST_AHEAD:
                return None
        return self._first

    def after(self, number: int, position: Position, most: int) -> list[tuple[Change, Position]] | None:
        """At most so many changes from a number on, each with the position behind it; None when some are forgotten.

        What the position is behind already, and what a later change of the same report follows, is `skipped`.
        """
        if number < self._first:
            return None
        begin = number - self._first
        found = []
        for place, (change, behind) in enumerate(islice(self._changes, begin, begin + most), number):
            known = tuple(map(max, self._filled(behind), position))
            seen = change.offset < position[change.partition] or self._newest[change.report_id] != place
            found.append((replace(change, skipped=seen), known))
        return found

    def _known(self, position: list[int | None]) -> Position:
        return tuple(-1 if at is None else at for at in position)

    def _filled(self, position: Position) -> Position:
        """Nothing had been read of some partitions by then: they are where they began."""
        return tuple((origin or 0) if at < 0 else at for at, origin in zip(position, self._origin, strict=True))


def position_text(position: Position) -> str:
    """A position as the id of an event."""
    return ".".join(map(str, position))


def read_position(text: str, partitions: int) -> Position | None:
    """The position an event's id stands for; None for what is none."""
    parts = text.split(".")
    if len(parts) != partitions or not all(_OFFSET.fullmatch(part) for part in parts):
        return None
    return tuple(map(int, parts))
