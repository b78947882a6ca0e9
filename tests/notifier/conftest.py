"""What the notifier's tests stand on: a database, a real mail server, and citizens who left a contact."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from chassis.clock import now
from chassis.health import Health
from chassis.postgres import Database
from contracts.events.cases import CaseOpened
from fastapi.testclient import TestClient
from notifier.api import application
from notifier.settings import Settings
from support.events import received
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import DIRECTORY, KEY, Service, contact
from support.stack.databases import Clone


@pytest.fixture
def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def smtp(free_port: int) -> Iterator[ScriptedMailServer]:
    """A real mail server; what it does with mail is the test's to say."""
    handler = ScriptedMailServer()
    server = Controller(handler, hostname="127.0.0.1", port=free_port)
    server.start()
    yield handler
    server.stop()


@pytest.fixture
def clone(database: Callable[[str], Clone]) -> Clone:
    return database("notifier")


@pytest.fixture
def make_settings(tmp_path: Path, free_port: int) -> Callable[..., Settings]:
    def make(directory: str | Path = DIRECTORY, **more: Any) -> Settings:
        file = directory if isinstance(directory, Path) else tmp_path / f"directory-{abs(hash(directory))}.toml"
        if isinstance(directory, str):
            file.write_text(directory, encoding="utf-8")
        given = {
            "kafka_bootstrap": "none",
            "postgres_dsn": "none",
            "contact_private_key": b64encode(bytes(KEY)).decode(),
            "link_secret": "ab" * 16,
            "webhook_secret": "cd" * 16,
            "smtp_url": f"smtp://127.0.0.1:{free_port}",
            "directory": file,
            "send_timeout": timedelta(seconds=2),
            "lease": timedelta(seconds=4),
            "retry_first": timedelta(0),
        }
        return Settings(**{**given, **more})

    return make


@pytest.fixture
def notifier_settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings()


@pytest.fixture
def service(clone: Clone, notifier_settings: Settings) -> Iterator[Service]:
    store = Database(clone.service)
    yield Service(notifier_settings, store)
    store.close()


@pytest.fixture
def web(service: Service) -> Iterator[TestClient]:
    with TestClient(application(service.settings, service.database, service.agencies, Health())) as client:
        yield client


@pytest.fixture
def life(service: Service) -> Life:
    """A report just sent, with a contact, and its case."""
    made = Life(1).then(CaseOpened, 1)
    service.handle(received(contact(made), at=now()), *made.events)
    service.execute("update notice set due_at = now() + interval '1 hour' where audience <> 'citizen'")
    return made
