"""Intake in the test's own process: its settings, and clients of it."""

import base64
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chassis.health import Health
from chassis.settings import Settings as ChassisSettings
from intake.app import create_app
from intake.log_writer import LogWriter
from intake.settings import Settings
from nacl.public import PrivateKey
from starlette.testclient import TestClient
from support.intake.memory_log import RECEIPT_SECRET, SECRET, SENDER, MemoryLog, MemoryLogWriter


@pytest.fixture(scope="session")
def notifier_key() -> PrivateKey:
    return PrivateKey(b"k" * 32)


@pytest.fixture(scope="session")
def closed_port() -> Iterator[int]:
    """A port of this machine on which nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def configure(notifier_key: PrivateKey, closed_port: int, tmp_path: Path) -> Callable[..., Settings]:
    """Settings without any server; what a test names is otherwise."""

    def make(**more: Any) -> Settings:
        nowhere = f"127.0.0.1:{closed_port}"
        told = {
            "kafka_bootstrap": nowhere,
            "redis_url": f"redis://{nowhere}/0",
            "public_map_url": "https://mapa.example.org",
            "secret": SECRET,
            "receipt_secret": RECEIPT_SECRET,
            "contact_public_key": base64.b64encode(bytes(notifier_key.public_key)).decode(),
            "objects_url": (tmp_path / "photos").as_uri(),
            "delivery_timeout": timedelta(seconds=1),
            "reports_per_hour": 1000,
            "reports_per_day": 1000,
            "reports_per_place": 1000,
            "follow_ups_per_hour": 1000,
            "photos_per_hour": 1000,
            "refusals_per_hour": 100_000,
        }
        return Settings(**{**told, **more})

    return make


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def serve(configure: Callable[..., Settings], log: MemoryLog) -> Iterator[Callable[..., TestClient]]:
    """Clients of a service with the settings named, in front of the log in memory; `sender` is the peer's address."""
    clients: list[TestClient] = []

    def make(sender: str = SENDER, **more: Any) -> TestClient:
        settings = configure(**more)
        app = create_app(settings, MemoryLogWriter(settings, log), Health("kafka"))
        clients.append(TestClient(app, client=(sender, 50_000)))
        clients[-1].__enter__()
        return clients[-1]

    yield make
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(serve: Callable[..., TestClient]) -> TestClient:
    return serve()


@pytest.fixture
def intake(configure: Callable[..., Settings], settings: ChassisSettings, redis_url: str) -> Callable[..., Any]:
    """A client of the whole service on this test's topics; what is named is otherwise."""

    @contextmanager
    def serve(**more: Any) -> Iterator[TestClient]:
        given = {
            "kafka_bootstrap": settings.kafka_bootstrap,
            "namespace": settings.namespace,
            "redis_url": redis_url,
            "delivery_timeout": timedelta(seconds=4),
        }
        own = configure(**{**given, **more})
        health = Health("kafka")
        with TestClient(create_app(own, LogWriter(own, health), health), client=(SENDER, 50_000)) as client:
            yield client

    return serve
