"""What `/livez` and `/readyz` answer from, and asking them. As a program, for containers, the exit code is the answer.

python -m chassis.health http://127.0.0.1:8101/readyz
"""

import socket
import sys
from http.client import HTTPConnection, HTTPException
from time import monotonic
from urllib.parse import urlsplit

# A loop that has not moved for so long is stuck; a batch is sized to take a tenth of it.
_STUCK_SECONDS = 30.0
_ANSWER_SECONDS = 2.0


class Health:
    """Who has to be ready before the service is, and when each loop moved last."""

    def __init__(self, *awaited: str) -> None:
        self._awaited = set(awaited)
        self._beats: dict[str, float] = {}

    def beat(self, loop: str) -> None:
        """Note that a loop moves; from its first beat on, one that is silent for half a minute counts as stuck."""
        self._beats[loop] = monotonic()

    def begin_again(self, loop: str) -> None:
        """Note that a loop waits for a server; one that never says that it moves is not expected to from then on."""
        if loop in self._beats:
            self.beat(loop)

    def ready(self, what: str) -> None:
        """Note that something is there that was awaited; saying it again changes nothing."""
        self._awaited.discard(what)

    def stuck(self, seconds: float = _STUCK_SECONDS) -> list[str]:
        """The loops that have not moved for half a minute, or for so many seconds."""
        return [loop for loop, at in self._beats.items() if monotonic() - at > seconds]

    @property
    def awaited(self) -> list[str]:
        """What is not there yet, by name."""
        return sorted(self._awaited)


def healthy(url: str) -> bool:
    """A GET answered with success, or a connection taken where the URL isn't HTTP."""
    address = urlsplit(url)
    host, port = address.hostname or "", address.port or 0
    try:
        if address.scheme != "http":
            socket.create_connection((host, port), _ANSWER_SECONDS).close()
            return True
        connection = HTTPConnection(host, port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("GET", address.path)
            return connection.getresponse().status in range(200, 300)
        finally:
            connection.close()
    except (OSError, HTTPException):
        return False


if __name__ == "__main__":
    sys.exit(__doc__ if len(sys.argv) != 2 else 0 if healthy(sys.argv[1]) else 1)
