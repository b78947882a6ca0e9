"""A public map that speaks Open311, on a port, with an intake behind it that writes to a log in memory."""

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chassis.health import Health
from chassis.postgres import Database
from intake.app import create_app
from intake.settings import Settings as IntakeSettings
from nacl.public import PrivateKey
from public_map.api.application import create_api
from public_map.settings import Settings
from support.intake.memory_log import RECEIPT_SECRET, SECRET, MemoryLog, MemoryLogWriter
from support.stack.ports import free_url
from support.web.serving import serving_at

LOOPBACK = "127.0.0.1/32"


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def city(store: Database) -> Iterator[Callable[..., str]]:
    """Serves the map over `store`; gives the address of Open311. Settings that are named are otherwise."""
    with ExitStack() as served:

        def make(**more: Any) -> str:
            told = {"url": free_url(), "intake_url": free_url(), **more}
            settings = Settings(kafka_bootstrap="localhost:1", postgres_dsn=store.dsn, **told)
            url = served.enter_context(serving_at(create_api(store, settings, Health()), settings.url))
            return f"{url}/open311/v2"

        yield make


@pytest.fixture
def intake(log: MemoryLog, redis_url: str, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Serves intake; gives its address. By default it takes the map's word about who sends."""
    with ExitStack() as served:

        def make(**more: Any) -> str:
            told: dict[str, Any] = {
                "kafka_bootstrap": "localhost:1",
                "redis_url": redis_url,
                "public_map_url": "https://mapa.example.org",
                "secret": SECRET,
                "receipt_secret": RECEIPT_SECRET,
                "contact_public_key": base64.b64encode(bytes(PrivateKey(b"k" * 32).public_key)).decode(),
                "objects_url": (tmp_path / "photos").as_uri(),
                "delivery_timeout": timedelta(seconds=1),
                "reports_per_place": 1000,
                "trusted_proxies": LOOPBACK,
            }
            settings = IntakeSettings(**{**told, **more})
            return served.enter_context(
                serving_at(create_app(settings, MemoryLogWriter(settings, log), Health("kafka")))
            )

        yield make
