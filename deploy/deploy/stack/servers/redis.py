"""A private Redis. Nothing in it is written to disk: it holds only what may vanish."""

import os
import shutil
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from deploy.stack.process import Part, StackError


def part(folder: Path, port: int, url: str) -> Part:
    """The server, to be run. 256 databases, so that every test has one of its own."""
    if shutil.which("redis-server") is None:
        raise StackError("redis-server is missing: run `make setup`, or set KMZB_REDIS_URL to a Redis")
    folder.mkdir(parents=True, exist_ok=True)
    options = {"port": port, "bind": "127.0.0.1", "dir": folder, "save": "", "appendonly": "no", "databases": 256}
    argv = ["redis-server"]
    for name, value in options.items():
        argv += [f"--{name}", str(value)]
    return Part("redis", tuple(argv), lambda: ready(url), {"PATH": os.environ["PATH"]}, port=port)


def ready(url: str) -> bool:
    """Whether the server answers."""
    with Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
        try:
            return bool(client.ping())
        except RedisError:
            return False
