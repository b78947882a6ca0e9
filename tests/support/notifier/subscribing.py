"""Somebody who subscribes to changes on a map, which is the real one over a database of its own."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from chassis import clock
from chassis.health import Health
from chassis.postgres import Database
from contracts.events.cases import CaseChange, CaseOpened
from fastapi.testclient import TestClient
from httpx import Response
from notifier.delivery.subscriptions.subscribers import Subscribers
from public_map.api.application import create_api
from public_map.settings import Settings as MapSettings
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import Service
from support.public_map.public_lives import PLACE, Life, feed

ADDRESS = "Canary.Kowalska@obywatel.example"
UNIT = {"unit": "KMP-1661"}
BASE = "/v1/subscriptions"


class Reading:
    """The map, the notifier's pages and its mail, as one person meets them; and how time passes."""

    def __init__(self, service: Service, web: TestClient, smtp: ScriptedMailServer, map_store: Database) -> None:
        self.service, self.web, self.smtp, self.map_store = service, web, smtp, map_store
        settings = MapSettings(kafka_bootstrap="x:1", postgres_dsn=map_store.dsn)
        self.map = TestClient(create_api(map_store, settings, Health()))
        self.subscribers = Subscribers(service.settings, service.database, self.map)

    def ask(self, area: dict[str, str] = UNIT, email: str = ADDRESS, language: str = "en") -> Response:
        """Fill in the form."""
        answer: Response = self.web.post(f"{BASE}?{urlencode({**area, 'lang': language})}", data={"email": email})
        return answer

    def send(self) -> list[Any]:
        """What mails come when all who are due are written to."""
        before = len(self.smtp.mails)
        self.subscribers.write_to_due()
        return self.smtp.mails[before:]

    def subscribe(self, area: dict[str, str] = UNIT) -> str:
        """Ask, and press the button behind the link in the mail; gives the link's path."""
        self.ask(area)
        [mail] = self.send()
        path = link_in(mail)
        assert self.web.post(path).status_code == 200
        return path

    def change(self, number: int, *kinds: type[CaseChange], hours_ago: int = 3, **more: Any) -> Life:
        """A report on the map that was sent, and changed, some hours ago."""
        life = Life(number, clock.now() - timedelta(hours=hours_ago), **{"place": PLACE, **more})
        changes = [life.change(CaseOpened), *(life.change(kind) for kind in kinds)]
        feed(self.map_store, [life.submitted(), life.routed(), *changes])
        return life

    def a_day_later(self) -> None:
        """Let the next digest be due, and everything of the last hours be untold."""
        self.service.execute(
            "update subscription set next_at = now(), told_until = date_trunc('hour', now()) - interval '6 hours'"
            " where confirmed_at is not null"
        )

    def rows(self) -> list[dict[str, Any]]:
        """All that is kept of subscriptions."""
        return self.service.query("table subscription")


def link_in(mail: Any) -> str:
    """The path of the link in a mail."""
    found = re.search(rf"https?://[^/\s]+({BASE}/[\w-]+)", mail.get_content())
    assert found, mail.get_content()
    return found[1]
