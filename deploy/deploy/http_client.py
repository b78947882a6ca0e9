"""Asks services over HTTP from many threads, cheaply: who plays thousands must not cost more than what is asked."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered. `status` 0: nothing, and `detail` says why."""

    status: int
    told: Mapping[str, Any]
    detail: str = ""

    @property
    def is_success(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300


class Client:
    """Keeps the connections of each thread that asks, one to each address.

    An asyncio client was tried: with hundreds of requests under way its pool costs more than everything else.
    """

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds
        self._local = threading.local()
        self._idle: list[dict[str, HTTPConnection]] = []

    def close(self) -> None:
        """Close the connections of all threads, which ask nothing any more."""
        for connections in self._idle:
            for connection in connections.values():
                connection.close()

    def get(self, url: str, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for something."""
        return self._ask(url, "GET", path, None, dict(headers or {}))

    def post(self, url: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """Send something as JSON."""
        raw = json.dumps(body, ensure_ascii=False).encode()
        return self._ask(url, "POST", path, raw, {**headers, "Content-Type": "application/json"})

    def _ask(self, url: str, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        """A connection the other side had closed meanwhile is made anew, which does no harm."""
        idle = self._connections()
        reused = idle.pop(url, None)
        connections = [reused] if reused else []
        connections.append(HTTPConnection(urlsplit(url).netloc, timeout=self._timeout))
        why = ""
        for connection in connections:
            try:
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                text = response.read()
            except (OSError, HTTPException) as error:
                connection.close()
                why = type(error).__name__
                if isinstance(error, TimeoutError):
                    break
            else:
                idle[url] = connection
                return _answer(response.status, text)
        return Answer(0, {}, why)

    def _connections(self) -> dict[str, HTTPConnection]:
        """Those of this thread, by address."""
        if not hasattr(self._local, "idle"):
            self._local.idle = dict[str, HTTPConnection]()
            self._idle.append(self._local.idle)
        idle: dict[str, HTTPConnection] = self._local.idle
        return idle


def _answer(status: int, text: bytes) -> Answer:
    if 200 <= status < 300:
        return Answer(status, json.loads(text))
    return Answer(status, {}, text[:200].decode("utf-8", "replace"))
