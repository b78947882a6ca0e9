"""The server: every connection has deadlines for its headers, its body and its answer, and there is room for others."""

import asyncio
import resource
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Any, Protocol
from urllib.parse import urlsplit

import uvicorn
from chassis.run import Worker
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from web.health import metrics_api

HEADER_SECONDS = 10.0
BODY_SECONDS = 20.0
# From the request's end to the answer's: what a service does itself is bounded by less than half of it. An answer that
# takes longer by its nature says so in its scope's state, as `answer_seconds`.
ANSWER_SECONDS = 60.0
IDLE_SECONDS = 5
MAX_HEADERS = 64 * 1024
_MOST_CONNECTIONS = 4000
_MALFORMED = b'{"type":"about:blank","title":"Bad Request","status":400,"detail":"This is no HTTP request."}'


class Addresses(Protocol):
    """Where a service listens."""

    @property
    def url(self) -> str: ...
    @property
    def metrics_url(self) -> str: ...


def serving(api: ASGIApp, addresses: Addresses) -> dict[str, Worker]:
    """The workers that serve: `api` to those it is for, metrics on a port of their own."""
    return {"http": server(api, addresses.url), "metrics": server(metrics_api(), addresses.metrics_url)}


def server(api: ASGIApp, url: str) -> Worker:
    """A worker that serves `api` where `url` says until it is stopped."""

    def serve(stop: Event) -> None:
        running = _Server(_config(api, url), stop)
        running.run()
        if not running.started and not stop.is_set():  # uvicorn returns quietly when the application's start failed
            raise RuntimeError("the HTTP server did not start")

    return serve


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, stop: Event) -> None:
        super().__init__(config)
        self._stop = stop

    async def main_loop(self) -> None:
        """Until the stop, of which it is told: uvicorn looks ten times a second, a third of an idle service's work.

        A tick renews the Date header, so there is one a second.
        """
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()
        Thread(target=self._tell, args=(loop, stopped.set), name="http-stop", daemon=True).start()
        while not (await self.on_tick(0) or self._stop.is_set()):
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), 1.0)

    def _tell(self, loop: asyncio.AbstractEventLoop, stopped: Callable[[], None]) -> None:
        self._stop.wait()
        with suppress(RuntimeError):  # the loop is closed: the server has ended by itself
            loop.call_soon_threadsafe(stopped)


class BoundedConnection(HttpToolsProtocol):
    """A connection that is cut off when a part of its exchange takes too long, however lively it looks meanwhile."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._deadline: asyncio.TimerHandle | None = None
        self._header_bytes = 0
        self.in_headers, self._in_body = True, False
        self.receiving_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Make room where there is none: whoever has been sending one request longest, headers or body, goes first."""
        super().connection_made(transport)
        self._within(HEADER_SECONDS)
        self.receiving_since = self.loop.time()
        if len(self.connections) > max_connections():
            others = [other for other in self.connections if isinstance(other, BoundedConnection)]
            receiving = {other: other.receiving_since for other in others if other.receiving_since is not None}
            min(receiving, key=receiving.__getitem__).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """No deadline outlives its connection."""
        self._within(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count the bytes of headers; from the first of a request on, its headers have a deadline."""
        if self._deadline is None:  # the first bytes of a further request
            self._within(HEADER_SECONDS)
            self.in_headers, self._header_bytes = True, 0
        if self.in_headers:
            self._header_bytes += len(data)
        super().data_received(data)
        if self.in_headers and self._header_bytes > MAX_HEADERS:
            self.transport.abort()

    def on_message_begin(self) -> None:
        """A request begins, perhaps in the middle of what was received."""
        super().on_message_begin()
        self._in_body = False
        self.receiving_since = self.receiving_since or self.loop.time()

    def on_header(self, name: bytes, value: bytes) -> None:
        """What follows a body is no header (RFC 9110, 6.5.1), and there may be any number of it."""
        if not self._in_body:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Now the body has a deadline."""
        super().on_headers_complete()
        self.in_headers, self._in_body = False, True
        self._within(BODY_SECONDS)

    def on_message_complete(self) -> None:
        """Now the answer has one, to be made and to be read."""
        super().on_message_complete()
        self.in_headers, self._header_bytes = False, 0
        self.receiving_since = None
        self._within(None if self.cycle.response_complete else ANSWER_SECONDS, self._late)

    def on_response_complete(self) -> None:
        """What comes next is idling, which the server bounds itself, or a further request."""
        super().on_response_complete()
        if not self.cycle.more_body:
            self._within(None)

    def send_400_response(self, msg: str) -> None:
        """As a problem, like every other refusal."""
        head = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\nconnection: close\r\n"
        self.transport.write(head + b"content-length: %d\r\n\r\n" % len(_MALFORMED) + _MALFORMED)
        self.transport.close()

    def _within(self, seconds: float | None, late: Callable[[], None] | None = None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        # Not close(): that waits until everything written is read, for which this peer may take for ever.
        late = late or self.transport.abort
        self._deadline = None if seconds is None else self.loop.call_later(seconds, late)

    def _late(self) -> None:
        allowed: float = self.cycle.scope["state"].get("answer_seconds", ANSWER_SECONDS)
        if allowed > ANSWER_SECONDS:
            self._within(allowed - ANSWER_SECONDS)
        else:
            self.transport.abort()


def max_connections() -> int:
    """As many as leave half of the process's file descriptors to everything else."""
    return min(_MOST_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)


def _config(api: ASGIApp, url: str) -> uvicorn.Config:
    address = urlsplit(url)
    return uvicorn.Config(
        api,
        host=address.hostname or "127.0.0.1",
        port=address.port or 80,
        loop="uvloop",
        http=BoundedConnection,
        ws="none",
        log_config=None,  # two servers that configure the logs side by side undo each other's level
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # by default a forwarded address is believed from anyone on 127.0.0.1
        timeout_keep_alive=IDLE_SECONDS,
        # Open streams would otherwise hold the process for as long as their readers like.
        timeout_graceful_shutdown=3,
    )
