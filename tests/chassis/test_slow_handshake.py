"""Brokers that take longer to take a connection than anybody waits for an answer, as under load with TLS."""

import select
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from chassis.kafka.lag import Ends
from chassis.settings import Settings
from contracts.topics import PROGRESS
from support.wait import eventually

SLOW_SECONDS = 4.0
"""More than one question waits."""


@pytest.fixture
def slow(settings: Settings) -> Iterator[Settings]:
    """The same broker behind a door that opens some seconds after somebody knocks."""
    host, _, port = settings.kafka_bootstrap.rpartition(":")
    ended = threading.Event()
    with ThreadPoolExecutor(20) as pool, socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.2)
        address = f"127.0.0.1:{door.getsockname()[1]}"
        pool.submit(_open_slowly, pool, door, (host, int(port)), ended)
        yield settings.model_copy(update={"kafka_bootstrap": address})
        ended.set()


def _open_slowly(
    pool: ThreadPoolExecutor, door: socket.socket, broker: tuple[str, int], ended: threading.Event
) -> None:
    while not ended.is_set():
        with suppress(TimeoutError):
            knocking, _ = door.accept()
            pool.submit(_let_in, knocking, broker, ended)


def _let_in(knocking: socket.socket, broker: tuple[str, int], ended: threading.Event) -> None:
    with knocking:
        if ended.wait(SLOW_SECONDS):
            return
        with socket.create_connection(broker, 5) as inside:
            other = {knocking: inside, inside: knocking}
            while not ended.is_set():
                for source in select.select(list(other), [], [], 0.2)[0]:
                    if not (data := source.recv(65536)):
                        return
                    other[source].sendall(data)


@pytest.mark.timeout(60)
def test_who_connects_slowly_gets_there(slow: Settings, topics: Callable[..., None]) -> None:
    topics(PROGRESS)
    place = (slow.namespace + PROGRESS.name, 0)
    ends = Ends(slow, "routing")
    assert ends.last([place]) is None
    eventually(lambda: ends.last([place]) == {place: 0}, 40)
