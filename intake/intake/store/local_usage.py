"""The usage of one process, in its own memory and forgotten with it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from intake.domain.identity import KeyUse
from intake.domain.limits import (
    KEY_ACKNOWLEDGED_SECONDS,
    KEY_PENDING_SECONDS,
    Admission,
    Admitted,
    KeyConflict,
    LimitExceeded,
    RateLimit,
)


class LocalUsage:
    """Beyond `maximum_entries` of counters, or of keys, the oldest are forgotten first."""

    def __init__(self, maximum_entries: int = 100_000) -> None:
        self._maximum = maximum_entries
        self._counts: dict[str, tuple[int, datetime]] = {}
        self._keys: dict[str, tuple[str, Admitted, datetime]] = {}

    async def insert_use(self, at: datetime, key_use: KeyUse | None, limits: Sequence[RateLimit]) -> Admission:
        """See Usage."""
        if key_use is not None and key_use.name in self._keys:
            body_sha256, admitted, until = self._keys[key_use.name]
            if at < until:
                return admitted if body_sha256 == key_use.body_sha256 else KeyConflict()
        counts = [self._count(limit, at) for limit in limits]
        for limit, (count, until) in zip(limits, counts, strict=True):
            if count >= limit.maximum:
                return LimitExceeded(limit.message, max(1, round((until - at).total_seconds())))
        for limit, (count, until) in zip(limits, counts, strict=True):
            self._counts[limit.counter] = (count + 1, until)
        admitted = Admitted(at, certain=False)  # other processes may have taken it, or this one before its start
        if key_use is not None:
            self._keep_key(key_use, admitted, at + timedelta(seconds=KEY_PENDING_SECONDS))
        self._forget_oldest()
        return admitted

    async def upsert_acknowledged_key(self, key_use: KeyUse, submitted_at: datetime) -> None:
        """See Usage."""
        until = key_use.sent_at + timedelta(seconds=KEY_ACKNOWLEDGED_SECONDS)
        self._keep_key(key_use, Admitted(submitted_at, acknowledged=True, certain=False), until)

    async def delete_use(self, limits: Sequence[RateLimit]) -> None:
        """See Usage."""
        for limit in limits:
            count, until = self._counts.get(limit.counter, (1, None))
            if until is not None:
                self._counts[limit.counter] = (count - 1, until)

    def _count(self, limit: RateLimit, at: datetime) -> tuple[int, datetime]:
        count, until = self._counts.get(limit.counter, (0, at))
        return (count, until) if at < until else (0, at + timedelta(seconds=limit.seconds))

    def _keep_key(self, key_use: KeyUse, admitted: Admitted, until: datetime) -> None:
        self._keys.pop(key_use.name, None)
        self._keys[key_use.name] = (key_use.body_sha256, admitted, until)

    def _forget_oldest(self) -> None:
        for entries in (self._counts, self._keys):
            while len(entries) > self._maximum:
                del entries[next(iter(entries))]
