"""The end of a run: whoever waits for a moment waits for this too, so that a run can end at any time."""

import asyncio


class Stop:
    """Set once. Belongs to the event loop it is made on."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """End all waiting, now and later."""
        self._event.set()

    @property
    def is_set(self) -> bool:
        """Whether the run is to end."""
        return self._event.is_set()

    async def wait(self, seconds: float) -> bool:
        """Wait for so many seconds, or until the end; gives whether it has come."""
        try:
            await asyncio.wait_for(self._event.wait(), max(0.0, seconds))
        except TimeoutError:
            return False
        return True
