"""Where the services answer: one address each, or two while a second instance runs beside the first."""

import asyncio
import json
import random
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

# Longer than the longest freeze, so that an answer which comes late is still read.
TIMEOUT_SECONDS = 12.0
# As many as ask one service at once, each in a thread with connections of its own. An asyncio client was tried: with
# hundreds under way its pool costs more than everything else here together.
_AT_ONCE = 160


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


class Fronts:
    """The addresses of the services' instances, asked as a balancer would: any of them."""

    def __init__(self, urls: Mapping[str, str], seed: int) -> None:
        self._urls = {service: [url] for service, url in urls.items()}
        self._chance = random.Random(f"fronts/{seed}")
        self._threads = {service: ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=service) for service in urls}
        self._local = threading.local()

    def add(self, service: str, url: str) -> None:
        """A second instance answers too."""
        self._urls[service].append(url)

    def remove(self, service: str, url: str) -> None:
        """It will not answer any more."""
        self._urls[service].remove(url)

    async def get(self, service: str, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for something."""
        return await self._ask(service, "GET", path, None, headers or {})

    async def post(self, service: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """Send something as JSON."""
        raw = json.dumps(body, ensure_ascii=False).encode()
        return await self._ask(service, "POST", path, raw, {**headers, "Content-Type": "application/json"})

    async def close(self) -> None:
        """Ask nothing more; what is under way is left behind."""
        for threads in self._threads.values():
            threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(
        self, service: str, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        url = self._chance.choice(self._urls[service])
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads[service], self._asked, url, method, path, body, dict(headers))

    def _asked(self, url: str, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        """In a thread of its own. A connection the other side had closed meanwhile is made anew, which does no harm."""
        idle: dict[str, HTTPConnection] = self._local.__dict__.setdefault("idle", {})
        reused = idle.pop(url, None)
        connections = [reused] if reused else []
        connections.append(HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_SECONDS))
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


def _answer(status: int, text: bytes) -> Answer:
    if 200 <= status < 300:
        return Answer(status, json.loads(text))
    return Answer(status, {}, text[:200].decode("utf-8", "replace"))
