"""The same memory in this process, for as long as Redis is away: bounded, and forgotten with the process."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from intake.domain import CLAIMED_SECONDS, WRITTEN_SECONDS, Admitted, Allowance, Claim, Exhausted, OtherBody, Verdict


class LocalMemory:
    """Answers as RedisMemory does. Beyond `most_entries` the oldest are forgotten first."""

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
