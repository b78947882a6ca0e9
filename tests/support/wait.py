"""Waiting in tests: for a condition, with a deadline, never for a length of time."""

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import TypeVar

T = TypeVar("T")


def eventually(condition: Callable[[], T], deadline: float = 15.0, *, what: str = "") -> T:
    """What the condition gives once that is true; fails when the deadline, in seconds, passes first.

    An AssertionError inside the condition counts as not yet, and is shown when the time is over.
    """
    end = monotonic() + deadline
    pause = Event()
    while True:
        said: object = None
        try:
            if found := condition():
                return found
            said = found
        except AssertionError as not_yet:
            said = not_yet
        if monotonic() > end:
            raise AssertionError(f"not within {deadline:g} s: {what or condition}; at last: {said!r}")
        pause.wait(0.05)
