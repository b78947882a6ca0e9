"""Trips to Redis that concurrent requests share: one at a time, and whoever asks meanwhile goes along on the next."""

import asyncio
from typing import Any

from chassis.redis import AsyncRedis, RedisError

Argument = str | int
Asked = list[tuple[tuple[Argument, ...], "asyncio.Future[Any]"]]


class RedisTrips:
    """A trip of its own costs a request more than all its other work; in a pipeline it costs a fraction."""

    def __init__(self, redis: AsyncRedis) -> None:
        self._redis = redis
        self._waiting: Asked = []
        self._trips: asyncio.Task[None] | None = None

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
