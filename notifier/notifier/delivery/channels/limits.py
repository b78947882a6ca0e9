"""One wall-clock limit round an attempt: looking up the name, connecting, TLS, every read and write together."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

T = TypeVar("T")
# What an attempt that ran out of time gets to close its connection.
_CLOSING_SECONDS = 1.0


class LimitedLoop:
    """A loop that does one thing at a time, each within a limit; what one leaves open another may go on with.

    It is there from its first use until it is closed, and again after that.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def outcome(self, limit: timedelta, work: Coroutine[Any, Any, T]) -> T | BaseException:
        """What the work gives, or what it raised; TimeoutError when the limit came first.

        Nothing of the work goes on after that: it is cancelled wherever it waits.
        """
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        return self._loop.run_until_complete(_outcome(limit, work))

    def run(self, action: Callable[[], None]) -> None:
        """Do something that waits for nothing but has to be done in the loop, if there is one."""
        if self._loop is not None:
            self._loop.run_until_complete(_then_turn(action))

    def close(self) -> None:
        """End it, without waiting for a look-up of a name that the system's resolver has not ended."""
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.close()


async def _outcome(limit: timedelta, work: Coroutine[Any, Any, T]) -> T | BaseException:
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=limit.total_seconds())
    if not done:
        task.cancel()
        await asyncio.wait({task}, timeout=_CLOSING_SECONDS)
    if not task.done() or task.cancelled():
        return TimeoutError()
    return task.exception() or task.result()


async def _then_turn(action: Callable[[], None]) -> None:
    action()
    for _ in range(3):  # a closed connection is gone some turns of the loop later, one of TLS last
        await asyncio.sleep(0)
