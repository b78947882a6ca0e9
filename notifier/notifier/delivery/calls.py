"""How senders are called to work: one at a time, so that nobody looks in vain for what another takes."""

from queue import Empty, SimpleQueue


class Call:
    """Wakes one of those who wait for it. Where nobody waits it is kept for the next who does; calls don't add up.

    With `urgent_only` it is for what can't wait, and for those alone who take nothing else.
    """

    def __init__(self, *, urgent_only: bool = False) -> None:
        self.urgent_only = urgent_only
        self._made: SimpleQueue[None] = SimpleQueue()

    def make(self) -> None:
        """Call one."""
        if self._made.empty():
            self._made.put(None)

    def wait(self, seconds: float) -> bool:
        """Whether one was called within so many seconds: then it is the one who asked."""
        try:
            self._made.get(timeout=seconds)
        except Empty:
            return False
        return True
