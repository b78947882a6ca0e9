"""What intake asks Redis: how much a sender sent, and which Idempotency-Keys are in use. All of it may vanish."""

from collections.abc import Sequence
from datetime import datetime

from chassis.redis import AsyncRedis

from intake.domain import CLAIMED_SECONDS, WRITTEN_SECONDS, Admitted, Allowance, Claim, Exhausted, OtherBody, Verdict

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
    """The questions, each one trip to Redis. They raise RedisError when it is away."""

    def __init__(self, redis: AsyncRedis, namespace: str) -> None:
        self._redis, self._prefix = redis, f"{namespace}kmzb:intake:"
        self._admit = redis.register_script(_ADMIT)

    async def admit(self, at: datetime, claim: Claim | None, allowances: Sequence[Allowance]) -> Verdict:
        """Whether something may go on now; if so it is counted, and its key claimed."""
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
        """Remember that the report first sent at `at` is on the log."""
        key = f"{self._prefix}key:{claim.name}"
        await self._redis.set(key, f"{claim.body}+{at.isoformat()}", ex=WRITTEN_SECONDS)

    async def give_back(self, allowances: Sequence[Allowance]) -> None:
        """What was counted came to nothing."""
        pipeline = self._redis.pipeline(transaction=False)
        for allowance in allowances:
            pipeline.decr(f"{self._prefix}count:{allowance.counter}")
        await pipeline.execute()
