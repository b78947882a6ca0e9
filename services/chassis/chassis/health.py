"""What `/livez` and `/readyz` answer from: who is awaited, and when each loop moved last."""

from time import monotonic

# A loop that has not moved for so long is stuck; a batch is sized to take a tenth of it.
_STUCK_SECONDS = 30.0


class Health:
    """Who has to be ready before the service is, and when each loop moved last."""

    def __init__(self, *awaited: str) -> None:
        self._awaited = set(awaited)
        self._beats: dict[str, float] = {}

    def beat(self, loop: str) -> None:
        """Note that a loop moves; from its first beat on, one that is silent for half a minute counts as stuck."""
        self._beats[loop] = monotonic()

    def ready(self, what: str) -> None:
        """Note that something is there that was awaited; saying it again changes nothing."""
        self._awaited.discard(what)

    @property
    def stuck(self) -> list[str]:
        """The loops that have not moved for half a minute."""
        return [loop for loop, at in self._beats.items() if monotonic() - at > _STUCK_SECONDS]

    @property
    def awaited(self) -> list[str]:
        """What is not there yet, by name."""
        return sorted(self._awaited)
