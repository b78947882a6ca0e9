"""One wall-clock limit round an attempt: looking up the name, connecting, TLS, every read and write together."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

T = TypeVar("T")
# What an attempt that ran out of time gets to close its connection.
_CLOSING_SECONDS = 1.0


def outcome_within(limit: timedelta, work: Coroutine[Any, Any, T]) -> T | BaseException:
    """What the work gives, or what it raised; TimeoutError when the limit came first.

    Nothing of the work goes on after that: it is cancelled wherever it waits. In a loop of its own, which is closed
    without waiting for a look-up of a name that the system's resolver has not ended.
    """
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(_outcome(limit, work))
    finally:
        loop.close()


async def _outcome(limit: timedelta, work: Coroutine[Any, Any, T]) -> T | BaseException:
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=limit.total_seconds())
    if not done:
        task.cancel()
        await asyncio.wait({task}, timeout=_CLOSING_SECONDS)
    for _ in range(3):  # a closed connection is gone some turns of the loop later, one of TLS last
        await asyncio.sleep(0)
    if not task.done() or task.cancelled():
        return TimeoutError()
    return task.exception() or task.result()
