"""Room for bodies: how many photos are read and worked on at once, altogether and of one sender."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from intake.photos.refusals import too_many_at_once


class Room:
    """Places for so many photos, of which one sender takes only some. Belongs to one event loop."""

    def __init__(self, places: int, of_one_sender: int) -> None:
        self._places, self._of_one_sender = places, of_one_sender
        self._taken: Counter[str] = Counter()

    @contextmanager
    def place(self, sender: str) -> Iterator[None]:
        """A place, for as long as it takes. Raises Problem 503 where there is none, 429 where it is this sender's."""
        if self._taken[sender] >= self._of_one_sender:
            raise too_many_at_once(429)
        if self._taken.total() >= self._places:
            raise too_many_at_once(503)
        self._taken[sender] += 1
        try:
            yield
        finally:
            self._taken[sender] -= 1
            self._taken += Counter()  # forgets who has none
