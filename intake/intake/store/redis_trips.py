"""Redis, which holds only what may vanish: a call is quick or it fails. And trips to it that concurrent requests share.

One trip at a time; whoever asks meanwhile goes along on the next.
"""

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

# With the client's own defaults a call takes 4 s when Redis refuses and a minute when it hangs; and a repeated INCR
# would count twice.
_SECONDS = 0.1
Argument = str | int
Asked = list[tuple[tuple[Argument, ...], "asyncio.Future[Any]"]]


class RedisTrips:
    """A trip of its own costs a request more than all its other work; in a pipeline it costs a fraction."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._waiting: Asked = []
        self._trips: asyncio.Task[None] | None = None

    @classmethod
    def client(cls, url: str) -> Redis:
        """A client whose calls give up after a tenth of a second, and are not repeated: RedisError."""
        once = Retry(NoBackoff(), 0)
        return Redis.from_url(
            url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, retry=once, decode_responses=True
        )

    async def __call__(self, *command: Argument) -> Any:
        """The answer to one command. Raises RedisError when Redis is away or refuses this command."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answer))
        if self._trips is None or self._trips.done():
            self._trips = asyncio.create_task(self._travel())
        return await answer

    async def _travel(self) -> None:
        """Until nobody waits. When Redis fails, those who wait for the next trip need not find out by themselves."""
        asked: Asked = []
        try:
            while self._waiting:
                asked, self._waiting = self._waiting, []
                pipeline = self._redis.pipeline(transaction=False)
                for command, _ in asked:
                    pipeline.execute_command(*command)
                for (_, answer), told in zip(asked, await pipeline.execute(raise_on_error=False), strict=True):
                    _tell(answer, told)
        except Exception as failed:
            asked, self._waiting = asked + self._waiting, []
            for _, answer in asked:
                _tell(answer, failed)
            if not isinstance(failed, RedisError):
                raise


def _tell(answer: "asyncio.Future[Any]", told: object) -> None:
    if answer.done():  # the one who asked has gone
        return
    if isinstance(told, Exception):
        answer.set_exception(told)
    else:
        answer.set_result(told)
