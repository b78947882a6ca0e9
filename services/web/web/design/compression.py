"""Compression of what is made for a request; files bring their compressed forms with them."""

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send


class Compression(GZipMiddleware):
    """gzip, but not of a part: its range is of the bytes as they are."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what asks for a part."""
        if scope["type"] == "http" and "range" in Headers(scope=scope):
            return await self.app(scope, receive, send)
        return await super().__call__(scope, receive, send)
