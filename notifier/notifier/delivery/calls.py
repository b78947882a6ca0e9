"""How senders are called to work: one at a time, so that nobody looks in vain for what another takes."""

from threading import Condition


class Call:
    """Wakes one of those who wait for it. Where nobody waits it is kept for the next who does; calls don't add up.

    With `urgent_only` it is for what can't wait, and for those alone who take nothing else.
    """

    def __init__(self, *, urgent_only: bool = False) -> None:
        self.urgent_only = urgent_only
        self._changed, self._made = Condition(), False

    def make(self) -> None:
        """Call one."""
        with self._changed:
            self._made = True
            self._changed.notify()

    def wait(self, seconds: float) -> bool:
        """Whether one was called within so many seconds: then it is the one who asked."""
        with self._changed:
            called = self._changed.wait_for(lambda: self._made, seconds)
            self._made = self._made and not called
            return called
