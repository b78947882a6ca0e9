"""What intake remembers for a day at most: how much a sender sent, and which Idempotency-Keys are in use.

It is asked of Redis, and of this process's own memory while Redis is away. All of it may vanish.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol, TypeVar

from chassis.redis import AsyncRedis, RedisError
from chassis.telemetry import REDIS_FALLBACK
from contracts.topics import INTAKE

from intake.domain import CLAIMED_SECONDS, WRITTEN_SECONDS, Admitted, Allowance, Claim, Exhausted, OtherBody, Verdict

# Redis that hangs costs every request its time-out, so it is left alone for a moment after each failure.
_ALONE_SECONDS = 1.0
T = TypeVar("T")


class Memory(Protocol):
    """What either of the two is asked."""

    async def admit(self, at: datetime, claim: Claim | None, allowances: Sequence[Allowance]) -> Verdict:
        """Whether something may go on now; if so it is counted, and its key claimed."""

    async def written(self, claim: Claim, at: datetime) -> None:
        """Remember that the report first sent at `at` is on the log."""

    async def give_back(self, allowances: Sequence[Allowance]) -> None:
        """What was counted came to nothing."""


class Admission:
    """One memory in front of another. It never fails: what Redis holds may vanish."""

    def __init__(self, shared: Memory, local: Memory) -> None:
        self._shared, self._local = shared, local
        self._away_until = 0.0
        REDIS_FALLBACK.labels(INTAKE)  # so that it is 0, not absent, until the first time

    async def admit(self, at: datetime, claim: Claim | None, allowances: Sequence[Allowance]) -> Verdict:
        return await self._ask(lambda memory: memory.admit(at, claim, allowances))

    async def written(self, claim: Claim, at: datetime) -> None:
        await self._ask(lambda memory: memory.written(claim, at))

    async def give_back(self, allowances: Sequence[Allowance]) -> None:
        await self._ask(lambda memory: memory.give_back(allowances))

    async def _ask(self, question: Callable[[Memory], Awaitable[T]]) -> T:
        if monotonic() >= self._away_until:
            try:
                return await question(self._shared)
            except RedisError:
                self._away_until = monotonic() + _ALONE_SECONDS
        REDIS_FALLBACK.labels(INTAKE).inc()
        return await question(self._local)


# All or nothing: whoever is refused has used nothing up. A repeat of a claimed report uses nothing up either.
_ADMIT = """
local first = 1
if ARGV[1] ~= '' then
  first = 2
  local known = redis.call('GET', KEYS[1])
  if known then
    if string.sub(known, 1, 64) ~= ARGV[1] then return {'other'} end
    return {string.sub(known, 65, 65), string.sub(known, 66)}
  end
end
for i = first, #KEYS do
  local most = tonumber(ARGV[4 + 2 * (i - first)])
  if tonumber(redis.call('GET', KEYS[i]) or '0') >= most then
    return {'exhausted', i - first, redis.call('TTL', KEYS[i])}
  end
end
for i = first, #KEYS do
  if redis.call('INCR', KEYS[i]) == 1 then redis.call('EXPIRE', KEYS[i], ARGV[5 + 2 * (i - first)]) end
end
if first == 2 then redis.call('SET', KEYS[1], ARGV[1] .. '-' .. ARGV[2], 'EX', ARGV[3]) end
return {'-', ARGV[2]}
"""


class RedisMemory:
    """The memory all instances share. Each question is one trip to Redis and raises RedisError when it is away."""

    def __init__(self, redis: AsyncRedis, namespace: str) -> None:
        self._redis, self._prefix = redis, f"{namespace}kmzb:intake:"
        self._admit = redis.register_script(_ADMIT)

    async def admit(self, at: datetime, claim: Claim | None, allowances: Sequence[Allowance]) -> Verdict:
        keys = [f"{self._prefix}key:{claim.name}"] if claim else []
        keys += [f"{self._prefix}count:{allowance.counter}" for allowance in allowances]
        limits = [number for allowance in allowances for number in (allowance.most, allowance.seconds)]
        verdict, *more = await self._admit(
            keys=keys, args=[claim.body if claim else "", at.isoformat(), CLAIMED_SECONDS, *limits]
        )
        if verdict == "other":
            return OtherBody()
        if verdict == "exhausted":
            return Exhausted(allowances[int(more[0])].what, max(1, int(more[1])))
        return Admitted(datetime.fromisoformat(more[0]), written=verdict == "+")

    async def written(self, claim: Claim, at: datetime) -> None:
        key = f"{self._prefix}key:{claim.name}"
        await self._redis.set(key, f"{claim.body}+{at.isoformat()}", ex=WRITTEN_SECONDS)

    async def give_back(self, allowances: Sequence[Allowance]) -> None:
        pipeline = self._redis.pipeline(transaction=False)
        for allowance in allowances:
            pipeline.decr(f"{self._prefix}count:{allowance.counter}")
        await pipeline.execute()


class LocalMemory:
    """The same in this process, forgotten with it. Beyond `most_entries` the oldest are forgotten first."""

    def __init__(self, most_entries: int = 100_000) -> None:
        self._most = most_entries
        self._counts: dict[str, tuple[int, datetime]] = {}
        self._keys: dict[str, tuple[str, Admitted, datetime]] = {}

    async def admit(self, at: datetime, claim: Claim | None, allowances: Sequence[Allowance]) -> Verdict:
        if claim is not None and claim.name in self._keys:
            body, admitted, until = self._keys[claim.name]
            if at < until:
                return admitted if body == claim.body else OtherBody()
        counted = [self._count(allowance, at) for allowance in allowances]
        for allowance, (count, until) in zip(allowances, counted, strict=True):
            if count >= allowance.most:
                return Exhausted(allowance.what, max(1, round((until - at).total_seconds())))
        for allowance, (count, until) in zip(allowances, counted, strict=True):
            self._counts[allowance.counter] = (count + 1, until)
        admitted = Admitted(at)
        if claim is not None:
            self._remember(claim, admitted, at + timedelta(seconds=CLAIMED_SECONDS))
        self._forget()
        return admitted

    async def written(self, claim: Claim, at: datetime) -> None:
        self._remember(claim, Admitted(at, written=True), claim.at + timedelta(seconds=WRITTEN_SECONDS))

    async def give_back(self, allowances: Sequence[Allowance]) -> None:
        for allowance in allowances:
            count, until = self._counts.get(allowance.counter, (1, None))
            if until is not None:
                self._counts[allowance.counter] = (count - 1, until)

    def _count(self, allowance: Allowance, at: datetime) -> tuple[int, datetime]:
        count, until = self._counts.get(allowance.counter, (0, at))
        return (count, until) if at < until else (0, at + timedelta(seconds=allowance.seconds))

    def _remember(self, claim: Claim, admitted: Admitted, until: datetime) -> None:
        self._keys.pop(claim.name, None)
        self._keys[claim.name] = (claim.body, admitted, until)

    def _forget(self) -> None:
        for kept in (self._counts, self._keys):
            while len(kept) > self._most:
                del kept[next(iter(kept))]
