"""The stream as a browser reads it: over the real server, with the topic on real Kafka."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from chassis import clock
from chassis.health import Health
from chassis.kafka.client import Publisher
from contracts.events.cases import CaseOpened, CaseTakenUp
from public_map.api.application import create_api
from public_map.domain.precision import public_report
from public_map.live import LiveReports
from public_map.messages import public_report_message, withdrawal_message
from public_map.settings import Settings
from support.public_map.public_lives import DAY, Life
from support.stack.ports import free_url
from support.wait import eventually
from web.server import server

from chassis.postgres import Database  # isort: skip


class Following:
    """A process's part that serves the stream, and the topic it reads."""

    def __init__(self, settings: Settings) -> None:
        self.url, self._settings = free_url(), settings
        self.stop = threading.Event()
        self.live = LiveReports(settings, Health())
        database = Database(settings.postgres_dsn.get_secret_value(), size=1)
        api = create_api(database, settings, Health(), live=self.live)
        workers = (self.live.follow, server(api, self.url))
        self._threads = [threading.Thread(target=worker, args=(self.stop,), daemon=True) for worker in workers]
        self._database, self._publisher = database, Publisher(settings, "public-map")

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        eventually(lambda: self.live.ready)
        eventually(self._serves)

    def end(self) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join(10)
        self._database.close()
        assert not any(thread.is_alive() for thread in self._threads)

    def publish(self, life: Life, *, withdrawn: bool = False, kind: Any = CaseOpened) -> None:
        message = (
            withdrawal_message(life.id) if withdrawn else public_report_message(public_report(life.change(kind), 0))
        )
        self._publisher.publish([message])

    def _serves(self) -> bool:
        try:
            return httpx.get(f"{self.url}/livez").is_success
        except httpx.TransportError:
            return False


@pytest.fixture
def following(service_settings: Settings) -> Iterator[Following]:
    started = Following(service_settings)
    started.start()
    yield started
    if not started.stop.is_set():
        started.end()


@contextmanager
def stream(following: Following, last: str | None = None, **asked: str) -> Iterator[Iterator[dict[str, str]]]:
    headers = {"Last-Event-ID": last} if last else {}
    with httpx.stream("GET", f"{following.url}/v1/live", params=asked, headers=headers, timeout=30) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Content-Encoding" not in answer.headers
        yield events(answer.iter_lines())


def events(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """Events with their fields, those that say only where the reader is included."""
    fields: dict[str, str] = {}
    for line in lines:
        if not line and "id" in fields:
            yield fields
            fields = {}
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value


def said(event: dict[str, str]) -> tuple[str, Any]:
    return event["event"], json.loads(event["data"])


def test_changes_come_as_they_happen_and_whoever_comes_back_misses_nothing(following: Following) -> None:
    lives = [Life(number, clock.now() - DAY) for number in range(1, 6)]
    with stream(following) as read:
        position = next(read)["id"]
        following.publish(lives[0])
        event = next(read)
        assert said(event)[0] == "report"
        assert said(event)[1]["report_id"] == str(lives[0].id)
        assert said(event)[1]["status"] == "new"
    following.publish(lives[1])
    following.publish(lives[0], kind=CaseTakenUp)
    following.publish(lives[2])
    following.publish(lives[2], withdrawn=True)
    for last, expected in [(position, {0, 1, 2}), (event["id"], {0, 1, 2})]:
        with stream(following, last) as read:
            next(read)
            found = [said(next(read)) for _ in expected]
        assert {shown["report_id"] for _, shown in found} == {str(lives[number].id) for number in expected}
        kinds = {shown["report_id"]: (kind, shown.get("status")) for kind, shown in found}
        assert kinds[str(lives[0].id)] == ("report", "verification")
        assert kinds[str(lives[2].id)] == ("removed", None)


def test_a_box_is_told_of_itself(following: Following) -> None:
    here, there = Life(1, clock.now() - DAY), Life(2, clock.now() - DAY, place=(21.0, 52.2))
    with stream(following, bbox="17,50,18,51") as read:
        next(read)
        following.publish(there)
        following.publish(here)
        kind, shown = said(next(read))
    assert (kind, shown["report_id"]) == ("report", str(here.id))


@pytest.mark.parametrize("last", ["nonsense", ".".join(["0"] * 11 + ["900000"]), "9" * 3000])
def test_who_can_not_go_on_is_told_to_load_anew(following: Following, last: str) -> None:
    life = Life(1, clock.now() - DAY)
    with stream(following, last) as read:
        assert said(next(read)) == ("reload", {})
        following.publish(life)
        assert said(next(read))[1]["report_id"] == str(life.id)


def test_streams_end_with_the_process_at_once(following: Following) -> None:
    with stream(following) as read:
        next(read)
        assert following.live.readers == 1
        following.end()
        assert list(read) == []
    assert following.live.readers == 0


def test_who_is_one_too_many_is_asked_to_come_back(
    service_settings: Settings, make_following: Callable[[Settings], Following]
) -> None:
    following = make_following(service_settings.model_copy(update={"live_readers": 1}))
    with stream(following) as read:
        next(read)
        refused = httpx.get(f"{following.url}/v1/live")
        assert (refused.status_code, refused.headers["Content-Type"]) == (503, "application/problem+json")
        assert int(refused.headers["Retry-After"]) > 0
    eventually(lambda: following.live.readers == 0)


@pytest.fixture
def make_following() -> Iterator[Callable[[Settings], Following]]:
    made: list[Following] = []

    def make(settings: Settings) -> Following:
        made.append(Following(settings))
        made[-1].start()
        return made[-1]

    yield make
    for each in made:
        each.end()
