"""Requests that share a trip to Redis: each gets its own answer, and all of them hear soon that there is none."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

import pytest
from intake.store.redis_trips import RedisTrips
from redis.exceptions import RedisError, ResponseError

T = TypeVar("T")


def on_trips(url: str, question: Callable[[RedisTrips], Awaitable[T]]) -> T:
    async def run() -> T:
        redis = RedisTrips.client(url)
        try:
            return await question(RedisTrips(redis))
        finally:
            await redis.aclose()

    return asyncio.run(run())


def test_each_of_many_at_once_gets_its_own_answer(redis_url: str) -> None:
    async def echoes(trips: RedisTrips) -> list[str]:
        return [*await asyncio.gather(*(trips("ECHO", str(number)) for number in range(500)))]

    assert on_trips(redis_url, echoes) == [str(number) for number in range(500)]


def test_what_is_asked_while_others_are_under_way_is_answered_too(redis_url: str) -> None:
    async def later(trips: RedisTrips, number: int) -> str:
        for _ in range(number % 7):
            await trips("ECHO", "before")
        answer: str = await trips("ECHO", str(number))
        return answer

    async def all_of_them(trips: RedisTrips) -> list[str]:
        return await asyncio.gather(*(later(trips, number) for number in range(100)))

    assert on_trips(redis_url, all_of_them) == [str(number) for number in range(100)]


def test_a_command_that_is_refused_spoils_no_other(redis_url: str) -> None:
    async def one_is_wrong(trips: RedisTrips) -> list[object]:
        await trips("SET", "text", "no number")
        commands = (("INCR", "a"), ("INCR", "text"), ("INCR", "a"))
        return [*await asyncio.gather(*(trips(*command) for command in commands), return_exceptions=True)]

    first, refused, last = on_trips(redis_url, one_is_wrong)
    assert (first, last) == (1, 2)
    assert isinstance(refused, ResponseError)


def test_who_has_gone_leaves_the_others_their_answers(redis_url: str) -> None:
    async def one_goes(trips: RedisTrips) -> list[object]:
        asked = [asyncio.ensure_future(trips("ECHO", str(number))) for number in range(3)]
        asyncio.get_running_loop().call_soon(asked[1].cancel)  # once all have asked
        return [*await asyncio.gather(asked[0], asked[2])]

    assert on_trips(redis_url, one_goes) == ["0", "2"]


@pytest.mark.parametrize("accepts", [True, False], ids=["hangs", "is not there"])
def test_all_who_ask_hear_soon_that_redis_is_away(accepts: bool) -> None:
    async def many(trips: RedisTrips) -> list[object]:
        return [*await asyncio.gather(*(trips("ECHO", "x") for _ in range(200)), return_exceptions=True)]

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if accepts:
            silent.listen(300)
        began = monotonic()
        answers = on_trips(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", many)
    assert len(answers) == 200
    assert all(isinstance(answer, RedisError) for answer in answers)
    assert monotonic() - began < 2
