"""The usage all instances share, in Redis."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from intake.domain.identity import KeyUse
from intake.domain.limits import (
    DISTRUSTED_SECONDS,
    KEY_ACKNOWLEDGED_SECONDS,
    KEY_PENDING_SECONDS,
    Admission,
    Admitted,
    KeyConflict,
    LimitExceeded,
    RateLimit,
)
from intake.store.redis_trips import RedisTrips

# All or nothing: whoever is refused has used nothing up. A repeat under its key uses nothing up either.
# KEYS: the key's entry if there is a key, then each limit's counter, last since when nothing was forgotten.
# ARGV: the body's SHA-256 or '', the instant, seconds to keep the key, then maximum and seconds of each limit.
# A key's entry is the body's SHA-256, '+' once the log acknowledged its report and '-' before, and the first instant.
_INSERT_USE = """
local whole = redis.call('GET', KEYS[#KEYS])
if not whole then
  whole = ARGV[2]
  redis.call('SET', KEYS[#KEYS], whole)
end
local first = 1
if ARGV[1] ~= '' then
  first = 2
  local known = redis.call('GET', KEYS[1])
  if known then
    if string.sub(known, 1, 64) ~= ARGV[1] then return {'conflict'} end
    return {string.sub(known, 65, 65), string.sub(known, 66), whole}
  end
end
for i = first, #KEYS - 1 do
  local maximum = tonumber(ARGV[4 + 2 * (i - first)])
  if tonumber(redis.call('GET', KEYS[i]) or '0') >= maximum then
    return {'exceeded', i - first, redis.call('TTL', KEYS[i])}
  end
end
for i = first, #KEYS - 1 do
  if redis.call('INCR', KEYS[i]) == 1 then redis.call('EXPIRE', KEYS[i], ARGV[5 + 2 * (i - first)]) end
end
if first == 2 then redis.call('SET', KEYS[1], ARGV[1] .. '-' .. ARGV[2], 'EX', ARGV[3]) end
return {'-', ARGV[2], whole}
"""


class RedisUsage:
    """Each question is one trip to Redis and raises RedisError when it is away."""

    def __init__(self, redis: Redis, namespace: str) -> None:
        self._trips, self._prefix = RedisTrips(redis), f"{namespace}kmzb:intake:"
        self._insert_use_sha = redis.register_script(_INSERT_USE).sha

    async def insert_use(self, at: datetime, key_use: KeyUse | None, limits: Sequence[RateLimit]) -> Admission:
        """See Usage."""
        keys = [f"{self._prefix}key:{key_use.name}"] if key_use else []
        keys += [f"{self._prefix}count:{limit.counter}" for limit in limits]
        keys += [f"{self._prefix}whole-since"]
        numbers = [number for limit in limits for number in (limit.maximum, limit.seconds)]
        body_sha256 = key_use.body_sha256 if key_use else ""
        given: tuple[str | int, ...] = (len(keys), *keys, body_sha256, at.isoformat(), KEY_PENDING_SECONDS, *numbers)
        try:
            answered = await self._trips("EVALSHA", self._insert_use_sha, *given)
        except NoScriptError:  # a Redis that has just started; it did nothing
            answered = await self._trips("EVAL", _INSERT_USE, *given)
        outcome, *details = answered
        if outcome == "conflict":
            return KeyConflict()
        if outcome == "exceeded":
            return LimitExceeded(limits[int(details[0])].message, max(1, int(details[1])))
        submitted_at, whole_since = map(datetime.fromisoformat, details)
        certain = at - whole_since >= timedelta(seconds=DISTRUSTED_SECONDS)
        return Admitted(submitted_at, acknowledged=outcome == "+", certain=certain)

    async def upsert_acknowledged_key(self, key_use: KeyUse, submitted_at: datetime) -> None:
        """See Usage."""
        entry = f"{key_use.body_sha256}+{submitted_at.isoformat()}"
        await self._trips("SET", f"{self._prefix}key:{key_use.name}", entry, "EX", KEY_ACKNOWLEDGED_SECONDS)

    async def delete_use(self, limits: Sequence[RateLimit]) -> None:
        """See Usage."""
        await asyncio.gather(*(self._trips("DECR", f"{self._prefix}count:{limit.counter}") for limit in limits))
