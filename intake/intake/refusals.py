"""Whoever is refused again and again is not listened to for a while: guessing and hammering are not free."""

from datetime import datetime, timedelta

from chassis.clock import now
from prometheus_client import Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from web.forwarding.senders import sender_of

from intake.api import problems
from intake.api.dependencies import Dependencies
from intake.domain.limits import LimitExceeded, RateLimit, refusal_limit

TURNED_AWAY = Counter("kmzb_intake_turned_away_total", "Requests not read, as their sender was refused too often")
_REFUSALS = frozenset({400, 404, 413, 415, 422})
"""Answers that say that what was sent can't be taken; a limit used up is counted by itself."""
_SENDERS = 100_000


class Refusals:
    """In front of everything that is posted. Refusals are counted with the other uses, for all instances.

    Which senders are over the limit each instance learns by their next refusal and then knows by itself: an ordinary
    request costs nothing. Beyond `_SENDERS` the oldest are forgotten.
    """

    def __init__(self, app: ASGIApp, given: Dependencies) -> None:
        self._app, self._given = app, given
        self._until: dict[str, datetime] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            return await self._app(scope, receive, send)
        at = now()
        if self._until and (seconds := self._seconds_left(limit := self._limit(scope, at), at)) > 0:
            TURNED_AWAY.inc()
            refusal = problems.not_admitted(LimitExceeded(limit.message, seconds))
            return await refusal.response()(scope, receive, send)

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in _REFUSALS:
                await self._count(self._limit(scope, at), at)
            await send(message)

        return await self._app(scope, receive, counted)

    def _limit(self, scope: Scope, at: datetime) -> RateLimit:
        settings = self._given.settings
        sender = sender_of(scope, settings.trusted_proxies)
        return refusal_limit(self._given.identities, sender, at, settings.refusals_per_hour)

    def _seconds_left(self, limit: RateLimit, at: datetime) -> int:
        until = self._until.get(limit.counter)
        if until is None:
            return 0
        if until <= at:
            del self._until[limit.counter]
            return 0
        return max(1, round((until - at).total_seconds()))

    async def _count(self, limit: RateLimit, at: datetime) -> None:
        admission = await self._given.usage.insert_use(at, None, [limit])
        if isinstance(admission, LimitExceeded):
            self._until[limit.counter] = at + timedelta(seconds=admission.retry_after_seconds)
            while len(self._until) > _SENDERS:
                del self._until[next(iter(self._until))]
