"""How much one sender may post: so often a minute, and so often an hour what can't be taken.

For APIs whose instances share no memory: each counts by itself, and forgets with its end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from time import monotonic

from prometheus_client import Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.forwarding.networks import Network
from web.forwarding.senders import sender_of
from web.problems import Problem

TURNED_AWAY = Counter("kmzb_requests_turned_away_total", "Requests not read, as their sender had sent too much")
_REFUSALS = frozenset({400, 401, 404, 413, 415, 422})
"""Answers that say that what was sent can't be taken; a limit used up is counted by itself."""
_SENDERS = 100_000


@dataclass(frozen=True, slots=True)
class PostLimits:
    """What one sender may post a minute, and be refused an hour. Only `trusted_proxies` are believed who sends."""

    per_minute: int
    refusals_per_hour: int
    trusted_proxies: Sequence[Network] = ()


class LimitedPosts:
    """In front of what is posted. Whoever is over a limit gets 429, and nothing of theirs is read; reading is free."""

    def __init__(self, app: ASGIApp, limits: PostLimits, clock: Callable[[], float] = monotonic) -> None:
        self._app, self._trusted, self._clock = app, limits.trusted_proxies, clock
        self._posts = _Windows(limits.per_minute, 60)
        self._refusals = _Windows(limits.refusals_per_hour, 3600)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            return await self._app(scope, receive, send)
        sender, at = sender_of(scope, self._trusted), self._clock()
        if seconds := max(self._refusals.closed_for(sender, at), self._posts.closed_for(sender, at)):
            TURNED_AWAY.inc()
            detail = f"too much from your address for now. Try again in {seconds} s. In an emergency call 112."
            raise Problem(429, "That is too much for now", detail, {"Retry-After": str(seconds)})
        self._posts.count(sender, at)

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in _REFUSALS:
                self._refusals.count(sender, at)
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except Problem as problem:
            if problem.status in _REFUSALS:
                self._refusals.count(sender, at)
            raise


class _Windows:
    """Uses by sender, in windows of so many seconds that begin with the first use. The oldest are forgotten first."""

    def __init__(self, maximum: int, seconds: int) -> None:
        self._maximum, self._seconds = maximum, seconds
        self._counts: dict[str, tuple[int, float]] = {}

    def closed_for(self, sender: str, at: float) -> int:
        """For how many seconds a sender has used it up; 0 where there is something left."""
        count, until = self._counts.get(sender, (0, at))
        return ceil(until - at) if count >= self._maximum and at < until else 0

    def count(self, sender: str, at: float) -> None:
        """Count one use more."""
        count, until = self._counts.pop(sender, (0, at))
        self._counts[sender] = (count + 1, until) if at < until else (1, at + self._seconds)
        while len(self._counts) > _SENDERS:
            del self._counts[next(iter(self._counts))]
