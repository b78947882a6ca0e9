"""Findings: what was looked at, whether it is as it should be, and in words what to do where it is not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from operations.problems import EXPECTED, in_words


class State(StrEnum):
    """How something was found. `note` is worth knowing and no fault; `unknown` could not be looked at from here."""

    WELL = "well"
    NOTE = "note"
    UNKNOWN = "unknown"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `says` is a sentence for an operator."""

    what: str
    state: State
    says: str


def well(what: str, says: str) -> Finding:
    """It is as it should be."""
    return Finding(what, State.WELL, says)


def note(what: str, says: str) -> Finding:
    """It is worth knowing."""
    return Finding(what, State.NOTE, says)


def unknown(what: str, says: str) -> Finding:
    """It could not be looked at from here."""
    return Finding(what, State.UNKNOWN, says)


def wrong(what: str, says: str) -> Finding:
    """Somebody has to do something."""
    return Finding(what, State.WRONG, says)


def judged(what: str, faults: list[str], says: str) -> Iterator[Finding]:
    """Each fault by itself, or that there is none."""
    yield from (wrong(what, fault) for fault in faults)
    if not faults:
        yield well(what, says)


def looked_at(what: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """What a look finds; where it can't be had, that is the finding, and the others go on."""
    found: list[Finding] = []
    try:
        found.extend(look())
    except EXPECTED as problem:
        found.append(wrong(what, in_words(problem)))
    return found
