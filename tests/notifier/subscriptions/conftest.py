"""Somebody who subscribes."""

from collections.abc import Callable, Iterator

import pytest
from chassis.postgres import Database
from fastapi.testclient import TestClient
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import Service
from support.notifier.subscribing import Reading
from support.stack.databases import Clone


@pytest.fixture
def reading(
    service: Service, web: TestClient, smtp: ScriptedMailServer, database: Callable[[str], Clone]
) -> Iterator[Reading]:
    store = Database(database("public-map").service, size=2)
    made = Reading(service, web, smtp, store)
    yield made
    made.subscribers.close()
    store.close()
