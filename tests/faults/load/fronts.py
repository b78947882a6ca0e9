"""Where the services answer: one address each, or two while a second instance runs beside the first."""

import random
from collections.abc import Mapping
from typing import Any

import httpx

# Longer than the longest freeze, so that an answer which comes late is still heard.
TIMEOUT_SECONDS = 12.0


class Fronts:
    """The addresses of the services' instances, and a client that asks any of them, as a balancer would."""

    def __init__(self, urls: Mapping[str, str], seed: int) -> None:
        self._urls = {service: [url] for service, url in urls.items()}
        self._chance = random.Random(f"fronts/{seed}")
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
            limits=httpx.Limits(max_connections=400, max_keepalive_connections=100),
        )

    def add(self, service: str, url: str) -> None:
        self._urls[service].append(url)

    def remove(self, service: str, url: str) -> None:
        self._urls[service].remove(url)

    async def get(self, service: str, path: str, **more: Any) -> httpx.Response:
        """Raises httpx.HTTPError."""
        return await self._client.get(self._url(service) + path, **more)

    async def post(self, service: str, path: str, **more: Any) -> httpx.Response:
        """Raises httpx.HTTPError."""
        return await self._client.post(self._url(service) + path, **more)

    async def close(self) -> None:
        await self._client.aclose()

    def _url(self, service: str) -> str:
        return self._chance.choice(self._urls[service])
