"""What every answer carries whatever made it: who may read it, and nothing for those who have it already."""

from collections.abc import Collection, Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Scope, Send

from web.etags import entity_tags

_REQUEST_HEADERS = "Accept-Language, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, traceparent"
_EXPOSED = "Allow, ETag, Link, Location, Retry-After"


class Answer:
    """The way out of one request. `started`: the status is sent, so no other answer can be given."""

    def __init__(self, scope: Scope, send: Send, origins: Collection[str]) -> None:
        self.started = False
        self._send, self._origins = send, origins
        self._method, self._headers = scope["method"], Headers(raw=scope["headers"])
        self._bodiless = scope["method"] == "HEAD"

    def preflight(self, methods: Iterable[str]) -> dict[str, str]:
        """What a browser asks before it sends another page's request; nothing for pages that may not."""
        if self._readable_by() is None or "access-control-request-method" not in self._headers:
            return {}
        return {
            "Access-Control-Allow-Methods": ", ".join(sorted(methods)),
            "Access-Control-Allow-Headers": _REQUEST_HEADERS,
            "Access-Control-Max-Age": "600",
        }

    async def send(self, message: Message) -> None:
        """Send on, with the headers that are everyone's."""
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(raw=list(message.get("headers", ())))
            self._share(headers)
            headers.setdefault("X-Content-Type-Options", "nosniff")
            if message["status"] == 405:
                headers.setdefault("Allow", "GET, HEAD")
            if message["status"] == 200 and self._has(headers.get("etag")):
                self._bodiless, message = True, {**message, "status": 304}
                del headers["content-length"], headers["content-type"]
            message = {**message, "headers": headers.raw}
        elif message["type"] == "http.response.body" and self._bodiless:
            message = {**message, "body": b""}
        await self._send(message)

    def _share(self, headers: MutableHeaders) -> None:
        if not self._origins:
            return
        if "*" not in self._origins:
            headers.add_vary_header("Origin")
        if reader := self._readable_by():
            headers["Access-Control-Allow-Origin"] = reader
            headers["Access-Control-Expose-Headers"] = _EXPOSED

    def _readable_by(self) -> str | None:
        if "*" in self._origins:
            return "*"
        origin = self._headers.get("origin")
        return origin if origin in self._origins else None

    def _has(self, etag: str | None) -> bool:
        asked = self._headers.getlist("if-none-match")
        if not asked or etag is None or self._method not in ("GET", "HEAD"):
            return False
        try:
            return entity_tags(", ".join(asked)).has(etag)
        except ValueError:  # an answer in full is right whatever was asked
            return False
