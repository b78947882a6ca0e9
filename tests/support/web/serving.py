"""An application on a port of this machine, served as services serve theirs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from starlette.types import ASGIApp
from support.stack.ports import free_url
from support.wait import eventually
from web.server import server


@contextmanager
def serving_at(api: ASGIApp, url: str | None = None) -> Iterator[str]:
    """The address it is served at, the one given or a free one."""
    url, stop = url or free_url(), threading.Event()
    thread = threading.Thread(target=server(api, url), args=(stop,))
    thread.start()
    try:
        eventually(lambda: _lives(url))
        yield url
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def _lives(url: str) -> bool:
    try:
        return httpx.get(f"{url}/livez", trust_env=False, verify=False).is_success
    except httpx.TransportError:
        return False
