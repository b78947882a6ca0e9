"""Rounds, ratios and goals: ours and the peer take turns, and the ratio of each round is what counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.core.cpu import MeasurementError

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached, as people write it and as a number; `at_least` where more is better."""

    text: str
    limit: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        """Whether a value reaches it."""
        return value >= self.limit if self.at_least else value <= self.limit

    def half_met(self, value: float) -> bool:
        """Whether a value is within twice of it: the floor a test holds, loose enough for a noisy machine."""
        return value >= self.limit / 2 if self.at_least else value <= self.limit * 2


NO_GOAL = Goal("-", 0, at_least=True)
"""Of a figure that stands beside others, and is judged by nobody."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, least and greatest of some values."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of at least one value."""
        return cls(median(values), min(values), max(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table. `ours` and `peer` hold a value a round, in `unit`; without a peer ours stand alone."""

    line: int
    what: str
    against: str
    unit: str
    goal: Goal
    ours: tuple[float, ...]
    peer: tuple[float, ...] = ()
    note: str = ""

    @property
    def judged(self) -> Spread:
        """What the goal is about: the ratios ours / peer, round by round, or ours itself."""
        return Spread.of(ratios(self.ours, self.peer) if self.peer else self.ours)

    @property
    def met(self) -> bool:
        """Whether the median reaches the goal."""
        return self.goal.met(self.judged.median)

    @property
    def missed_by(self) -> float:
        """How many times what the goal allows: more than 1 where it is missed. 0 for a row without a goal."""
        value, limit = self.judged.median, self.goal.limit
        if not self.goal.limit:
            return 0.0
        return limit / value if self.goal.at_least and value else value / limit


def ratios(ours: Sequence[float], peer: Sequence[float]) -> list[float]:
    """Ours against the peer of the same round. Raises MeasurementError for a peer that cost nothing: then the sizes are
    too small to be measured.
    """
    if any(value <= 0 for value in peer):
        raise MeasurementError(f"too little work to be measured: the peer took {list(peer)}")
    return [one / other for one, other in zip(ours, peer, strict=True)]


def interleaved(
    rounds: int, ours: Callable[[int], float], peer: Callable[[int], float], say: Say, what: str
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Ours, peer, ours, peer …: both values of each round, after one round of each that does not count.

    Each is called with the round's number; the first, which warms up, is 0.
    """
    found: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        values = ours(number), peer(number)
        if number:
            found.append(values)
            say(f"{what}, round {number} of {rounds}: {values[0]:.4g} against {values[1]:.4g}")
    return tuple(one for one, _ in found), tuple(other for _, other in found)
