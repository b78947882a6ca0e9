"""Where the services answer: one address each, or two while a second instance runs beside the first."""

import asyncio
import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from deploy.http_client import Answer, Client

# Longer than the longest freeze, so that an answer which comes late is still read.
TIMEOUT_SECONDS = 12.0
# As many as ask one service at once, each in a thread with connections of its own.
_AT_ONCE = 160


class Fronts:
    """The addresses of the services' instances, asked as a balancer would: any of them."""

    def __init__(self, urls: Mapping[str, str], seed: int) -> None:
        self._urls = {service: [url] for service, url in urls.items()}
        self._chance = random.Random(f"fronts/{seed}")
        self._threads = {service: ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=service) for service in urls}
        self._client = Client(TIMEOUT_SECONDS)

    def add(self, service: str, url: str) -> None:
        """A second instance answers too."""
        self._urls[service].append(url)

    def remove(self, service: str, url: str) -> None:
        """It will not answer any more."""
        self._urls[service].remove(url)

    async def get(self, service: str, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for something."""
        return await self._asked(service, lambda url: self._client.get(url, path, headers))

    async def post(self, service: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """Send something as JSON."""
        return await self._asked(service, lambda url: self._client.post(url, path, body, headers))

    async def close(self) -> None:
        """Ask nothing more; what is under way is left behind."""
        for threads in self._threads.values():
            threads.shutdown(wait=False, cancel_futures=True)

    async def _asked(self, service: str, ask: Callable[[str], Answer]) -> Answer:
        """By one of the service's threads."""
        url = self._chance.choice(self._urls[service])
        return await asyncio.get_running_loop().run_in_executor(self._threads[service], partial(ask, url))
