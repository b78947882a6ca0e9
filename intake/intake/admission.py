"""Whether something may go on now: asked of Redis, and of this process's own memory while Redis is away."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from time import monotonic
from typing import Protocol, TypeVar

from chassis.redis import RedisError
from chassis.telemetry import REDIS_FALLBACK
from contracts.topics import INTAKE

from intake.domain import Allowance, Claim, Verdict

# Redis that hangs costs every request its time-out, so it is left alone for a moment after each failure.
_ALONE_SECONDS = 1.0
T = TypeVar("T")


class Memory(Protocol):
    async def admit(self, at: datetime, claim: Claim | None, allowances: Sequence[Allowance]) -> Verdict: ...
    async def written(self, claim: Claim, at: datetime) -> None: ...
    async def give_back(self, allowances: Sequence[Allowance]) -> None: ...


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
