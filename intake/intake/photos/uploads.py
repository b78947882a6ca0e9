"""POST /v1/photos: a photo comes in before its report, is made anew, kept, and named to who sent it by a token.

Read, decide, write. Nothing is written to the log, and no report waits for any of this.
"""

import hashlib
import math
from urllib.parse import parse_qs
from uuid import uuid4

import msgspec
import structlog
from chassis.clock import now
from objects.outages import Unavailable
from objects.storage import Objects
from prometheus_client import Counter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from web.bodies import read_bounded
from web.forwarding.senders import sender_of
from web.problems import Problem

from intake.api import problems
from intake.api.dependencies import Dependencies
from intake.api.requests import idempotency_key
from intake.domain.limits import Admitted, RateLimit, photo_limit
from intake.domain.photos import kind_of, metres_between
from intake.photos import refusals
from intake.photos.answers import PHOTOS_PATH, PhotoKept
from intake.photos.bounds import MAX_PHOTO
from intake.photos.room import Room
from intake.photos.sandbox import NotConfined, Picture, Sandbox, TooManyPixels, Undecodable

log = structlog.get_logger()
PHOTOS = Counter("kmzb_intake_photos_total", "Photos sent to us, by what became of them", ["outcome"])
COUNTS = {outcome: PHOTOS.labels(outcome) for outcome in ("kept", *refusals.OUTCOMES.values())}
_TYPES = (b"image/jpeg", b"image/png", b"image/webp")
# Each holds its photo as it came and as it was made: 100 MiB altogether.
_PLACES, _OF_ONE_SENDER = 8, 3


class Photos:
    """A plain ASGI callable in front of the API, whose bodies are JSON and a hundred times smaller."""

    def __init__(self, app: ASGIApp, given: Dependencies, objects: Objects) -> None:
        self._otherwise, self._given, self._objects = app, given, objects
        self._room, self._sandbox = Room(_PLACES, _OF_ONE_SENDER), Sandbox()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PHOTOS_PATH or scope["method"] != "POST":
            return await self._otherwise(scope, receive, send)
        try:
            kept = await self._handle(scope, receive)
        except Problem as problem:
            COUNTS[refusals.OUTCOMES[problem.status]].inc()
            return await problem.response()(scope, receive, send)
        COUNTS["kept"].inc()
        response = Response(msgspec.json.encode(kept), 201, {"Cache-Control": "no-store"}, "application/json")
        return await response(scope, receive, send)

    async def _handle(self, scope: Scope, receive: Receive) -> PhotoKept:
        """Read a photo, decide whether it is one, keep it. Raises Problem to say no; ClientDisconnect."""
        headers, at, given = dict(scope["headers"]), now(), self._given
        _require_photo_type(headers)
        key, place = idempotency_key(headers), _place(scope["query_string"])
        sender = sender_of(scope, given.settings.trusted_proxies)
        limit = photo_limit(given.identities, sender, at, given.settings.photos_per_hour)
        admission = await given.usage.insert_use(at, None, [limit])
        if not isinstance(admission, Admitted):
            raise problems.not_admitted(admission)
        with self._room.place(sender):
            photo = await read_bounded(headers, receive, MAX_PHOTO)
            if kind_of(photo) is None:
                raise refusals.no_photo()
            picture = await self._picture(photo, limit)
            upload = hashlib.sha256(key or uuid4().bytes).digest()
            name = given.photo_tokens.name(picture.jpeg, upload)
            await self._keep(name, picture.jpeg, limit)
        away = metres_between(place, picture.taken_at) if place and picture.taken_at else None
        return PhotoKept(
            photo=given.photo_tokens.token(name, at),
            width=picture.width,
            height=picture.height,
            metres_from_place=None if away is None else round(away),
        )

    async def _picture(self, photo: bytes, limit: RateLimit) -> Picture:
        try:
            return await self._sandbox.picture(photo)
        except TooManyPixels:
            raise refusals.too_many_pixels() from None
        except Undecodable:
            raise refusals.undecodable() from None
        except NotConfined:
            await self._given.usage.delete_use([limit])
            raise refusals.not_kept() from None

    async def _keep(self, name: str, jpeg: bytes, limit: RateLimit) -> None:
        try:
            await run_in_threadpool(self._objects.put, name, jpeg)
        except Unavailable as failed:
            log.warning("photo not kept", error=str(failed))
            await self._given.usage.delete_use([limit])  # what was not their fault is not counted
            raise refusals.not_kept() from None


def _require_photo_type(headers: dict[bytes, bytes]) -> None:
    """Which of the three it is, its bytes say: a name's ending, which browsers go by, is often wrong."""
    said = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if said not in _TYPES or headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise refusals.media_type()


def _place(query: bytes) -> tuple[float, float] | None:
    """Where the report lies, to tell how far from there the photo was taken. Raises Problem 422."""
    asked = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    if not asked:
        return None
    place = []
    for name, most in (("longitude", 180.0), ("latitude", 90.0)):
        try:
            degrees = float(asked[name][0])
        except (KeyError, ValueError):
            degrees = math.nan
        if not abs(degrees) <= most:
            raise refusals.bad_place(name)
        place.append(degrees)
    return place[0], place[1]
