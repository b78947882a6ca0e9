"""Rate limits and keys in use: the same questions get the same answers from Redis, from memory, and from both."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from intake.domain.identity import KeyUse
from intake.domain.limits import Admission, Admitted, KeyConflict, LimitExceeded, RateLimit
from intake.store.local_usage import LocalUsage
from intake.store.redis_trips import RedisTrips
from intake.store.redis_usage import RedisUsage
from intake.store.usage import Usage, UsageWithFallback
from prometheus_client import REGISTRY
from redis.exceptions import RedisError
from support.wait import eventually

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(seconds=3)
TWO, THREE = RateLimit("a", 2, 3600, "two an hour"), RateLimit("b", 3, 7200, "three a day")
KEY_USE, OTHER = KeyUse("key", "a" * 64, AT), KeyUse("key", "b" * 64, AT)
Suite = Callable[[Usage], Coroutine[None, None, None]]


async def so_many_and_no_more(usage: Usage) -> None:
    assert [await usage.insert_use(AT, None, [TWO, THREE]) for _ in range(2)] == [Admitted(AT)] * 2
    refused = await usage.insert_use(AT, None, [TWO, THREE])
    assert isinstance(refused, LimitExceeded)
    assert refused.message == "two an hour"
    assert 3590 <= refused.retry_after_seconds <= 3600


async def who_is_refused_has_used_nothing_up(usage: Usage) -> None:
    for _ in range(5):
        await usage.insert_use(AT, None, [THREE, TWO])
    assert await usage.insert_use(AT, None, [THREE]) == Admitted(AT)
    assert isinstance(await usage.insert_use(AT, None, [THREE]), LimitExceeded)


async def what_came_to_nothing_is_given_back(usage: Usage) -> None:
    for _ in range(5):
        assert await usage.insert_use(AT, None, [TWO]) == Admitted(AT)
        await usage.delete_use([TWO])


async def a_repeat_is_free_and_keeps_its_time(usage: Usage) -> None:
    for _ in range(5):
        assert await usage.insert_use(LATER if _ else AT, KEY_USE, [TWO]) == Admitted(AT)
    assert await usage.insert_use(AT, None, [TWO]) == Admitted(AT)
    assert isinstance(await usage.insert_use(AT, None, [TWO]), LimitExceeded)


async def what_the_log_acknowledged_is_remembered(usage: Usage) -> None:
    await usage.insert_use(AT, KEY_USE, [TWO])
    await usage.upsert_acknowledged_key(KEY_USE, AT)
    assert await usage.insert_use(LATER, KEY_USE, [TWO]) == Admitted(AT, acknowledged=True)


async def another_body_is_refused_before_and_after(usage: Usage) -> None:
    await usage.insert_use(AT, KEY_USE, [])
    assert await usage.insert_use(LATER, OTHER, []) == KeyConflict()
    await usage.upsert_acknowledged_key(KEY_USE, AT)
    assert await usage.insert_use(LATER, OTHER, []) == KeyConflict()


async def at_the_same_moment_no_more_than_that_pass(usage: Usage) -> None:
    admissions = await asyncio.gather(*[usage.insert_use(AT, None, [THREE]) for _ in range(20)])
    assert admissions.count(Admitted(AT)) == 3


SUITE: list[Suite] = [
    so_many_and_no_more,
    who_is_refused_has_used_nothing_up,
    what_came_to_nothing_is_given_back,
    a_repeat_is_free_and_keeps_its_time,
    what_the_log_acknowledged_is_remembered,
    another_body_is_refused_before_and_after,
    at_the_same_moment_no_more_than_that_pass,
]


@pytest.mark.parametrize("case", SUITE, ids=lambda case: case.__name__)
def test_the_process_own_memory(case: Suite) -> None:
    asyncio.run(case(LocalUsage()))


@pytest.mark.parametrize("case", SUITE, ids=lambda case: case.__name__)
def test_redis(case: Suite, redis_url: str) -> None:
    with_redis(redis_url, case)


@pytest.mark.parametrize("case", SUITE, ids=lambda case: case.__name__)
def test_one_in_front_of_the_other_while_redis_is_away(case: Suite, closed_port: int) -> None:
    before = fallbacks()
    with_redis(f"redis://127.0.0.1:{closed_port}/0", lambda usage: case(UsageWithFallback(usage, LocalUsage())))
    assert fallbacks() > before


def test_redis_that_forgot_its_scripts_counts_once(redis_url: str) -> None:
    async def case(usage: Usage) -> None:
        assert await usage.insert_use(AT, None, [TWO]) == Admitted(AT)
        redis = RedisTrips.client(redis_url)
        await redis.script_flush()
        await redis.aclose()
        assert await usage.insert_use(AT, None, [TWO]) == Admitted(AT)
        assert isinstance(await usage.insert_use(AT, None, [TWO]), LimitExceeded)

    with_redis(redis_url, case)


def with_redis(url: str, case: Callable[[Usage], Coroutine[None, None, None]]) -> None:
    async def run() -> None:
        redis = RedisTrips.client(url)
        try:
            await case(RedisUsage(redis, "test."))
        finally:
            await redis.aclose()

    asyncio.run(run())


def fallbacks() -> float:
    return REGISTRY.get_sample_value("kmzb_redis_fallback_total", {"service": "intake"}) or 0.0


class Flaky(LocalUsage):
    """A memory that is away at first."""

    away, asked = True, 0

    async def insert_use(self, at: datetime, key_use: KeyUse | None, limits: Sequence[RateLimit]) -> Admission:
        self.asked += 1
        if self.away:
            raise RedisError
        return await super().insert_use(at, key_use, limits)


def test_after_redis_failed_it_is_left_alone_for_a_moment_and_then_asked_again() -> None:
    flaky = Flaky()
    usage = UsageWithFallback(flaky, LocalUsage())

    def insert_use() -> Admission:
        return asyncio.run(usage.insert_use(AT, None, [TWO]))

    assert [type(insert_use()) for _ in range(3)] == [Admitted, Admitted, LimitExceeded]
    assert flaky.asked == 1
    flaky.away = False
    assert eventually(lambda: flaky.asked == 2 if isinstance(insert_use(), Admitted) else False, deadline=5)
