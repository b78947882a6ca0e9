"""What it was measured on: the machine and the versions, for the page."""

import platform
import re
from importlib.metadata import version
from pathlib import Path

import psycopg
from deploy.stack.infrastructure import POSTGRES, REDIS
from deploy.stack.servers.kafka import VERSION as KAFKA_VERSION
from redis import Redis

_PACKAGES = ("confluent-kafka", "psycopg", "msgspec", "fastapi", "uvicorn", "shapely")


def machine() -> str:
    """Processor, cores, memory and kernel, in one line."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    gib = f", {int(memory[1]) / 2**20:.0f} GiB" if memory else ""
    cores = len(re.findall(r"^processor\s*:", Path("/proc/cpuinfo").read_text(), re.MULTILINE))
    return f"{model[1] if model else platform.machine()}, {cores} cores{gib}, Linux {platform.release()}"


def load() -> str:
    """How busy the machine is: the load of the last 1, 5 and 15 minutes."""
    return " ".join(Path("/proc/loadavg").read_text().split()[:3])


def versions(addresses: dict[str, str]) -> str:
    """Servers and packages, in one line."""
    with psycopg.connect(addresses[POSTGRES]) as connection:
        row = connection.execute("show server_version").fetchone()
    with Redis.from_url(addresses[REDIS]) as redis:
        redis_version = redis.info("server")["redis_version"]
    postgres = str(row[0]).split()[0] if row else "?"
    servers = f"Kafka {KAFKA_VERSION}, PostgreSQL {postgres}, Redis {redis_version}, Python {platform.python_version()}"
    return ", ".join([servers, *(f"{package} {version(package)}" for package in _PACKAGES)])
