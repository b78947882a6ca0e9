"""Asks Redis, and this process's own memory while Redis is away."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import Protocol, TypeVar

from contracts.topics import INTAKE
from prometheus_client import Counter
from redis.exceptions import RedisError

from intake.domain.identity import KeyUse
from intake.domain.limits import DISTRUSTED_SECONDS, Admission, Admitted, RateLimit

# Redis that hangs costs every request its time-out, so it is left alone for a moment after each failure.
_ALONE_SECONDS = 1.0
T = TypeVar("T")
REDIS_FALLBACK = Counter("kmzb_redis_fallback_total", "Times Redis was away and the service went on", ["service"])


class Usage(Protocol):
    """Uses counted by rate limit, and Idempotency-Keys by the report they came with."""

    async def insert_use(self, at: datetime, key_use: KeyUse | None, limits: Sequence[RateLimit]) -> Admission:
        """Count one more use under every limit and keep the key, if all allow it; else change nothing.

        A repeat under its key is admitted with the time it was first sent, and uses nothing up.
        """

    async def upsert_acknowledged_key(self, key_use: KeyUse, submitted_at: datetime) -> None:
        """Keep with the key that its report, first sent at `submitted_at`, is on the log."""

    async def delete_use(self, limits: Sequence[RateLimit]) -> None:
        """Count one use less under every limit: it came to nothing."""


class UsageWithFallback:
    """One in front of another. It never fails: what Redis holds may vanish."""

    def __init__(self, shared: Usage, local: Usage) -> None:
        self._shared, self._local = shared, local
        self._away_until = self._distrusted_until = 0.0
        REDIS_FALLBACK.labels(INTAKE)  # so that it is 0, not absent, until the first time

    async def insert_use(self, at: datetime, key_use: KeyUse | None, limits: Sequence[RateLimit]) -> Admission:
        """See Usage."""
        admission = await self._ask(lambda usage: usage.insert_use(at, key_use, limits))
        if isinstance(admission, Admitted) and monotonic() < self._distrusted_until:
            return replace(admission, certain=False)
        return admission

    async def upsert_acknowledged_key(self, key_use: KeyUse, submitted_at: datetime) -> None:
        """See Usage."""
        await self._ask(lambda usage: usage.upsert_acknowledged_key(key_use, submitted_at))

    async def delete_use(self, limits: Sequence[RateLimit]) -> None:
        """See Usage."""
        await self._ask(lambda usage: usage.delete_use(limits))

    async def _ask(self, question: Callable[[Usage], Awaitable[T]]) -> T:
        if monotonic() >= self._away_until:
            try:
                return await question(self._shared)
            except RedisError:
                self._away_until = monotonic() + _ALONE_SECONDS
                self._distrusted_until = monotonic() + DISTRUSTED_SECONDS  # it did not see what was sent meanwhile
        REDIS_FALLBACK.labels(INTAKE).inc()
        return await question(self._local)
