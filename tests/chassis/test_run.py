"""A service ends as a whole: by a signal with 0, by a failed worker with 1."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import httpx
from chassis.health import Health
from chassis.run import every, sparingly
from support.stack.ports import free_port
from support.wait import eventually

PROGRAM = Path(__file__).with_name("small_service.py")


@contextmanager
def small_service(port: int, behaviour: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The service once it answers; killed at the end if it still runs then."""
    process = subprocess.Popen([sys.executable, str(PROGRAM), str(port), behaviour], stderr=subprocess.PIPE)
    try:
        eventually(lambda: _answers(port))
        yield process
    finally:
        process.kill()
        process.communicate()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/livez", trust_env=False).is_success
    except httpx.TransportError:
        return False


def test_a_signal_ends_everything_with_success() -> None:
    with small_service(free_port(), "works") as process:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)
    assert process.returncode == 0


def test_a_failed_worker_ends_the_process_so_that_it_is_restarted() -> None:
    port = free_port()
    with small_service(port, "fails") as process:
        httpx.get(f"http://127.0.0.1:{port}/fail", trust_env=False)
        _, errors = process.communicate(timeout=15)
    assert process.returncode == 1
    assert b"worker failed" in errors


def test_a_stuck_worker_ends_the_process_and_says_where_it_stood() -> None:
    port = free_port()
    with small_service(port, "sticks") as process:
        httpx.get(f"http://127.0.0.1:{port}/fail", trust_env=False)
        _, errors = process.communicate(timeout=15)
    assert process.returncode == 1
    assert b'"workers": ["waits"]' in errors
    assert b"in wait_for_it" in errors


class CountedBeats(Health):
    """Health that counts how often a loop said that it moves."""

    beats = 0

    def beat(self, loop: str) -> None:
        self.beats += 1
        super().beat(loop)


def test_a_worker_that_waits_an_hour_counts_as_alive_meanwhile() -> None:
    health, stop, works = CountedBeats(), threading.Event(), list[int]()
    worker = threading.Thread(target=every(3600, "hourly", health, lambda: works.append(1)), args=(stop,))
    worker.start()
    try:
        eventually(lambda: health.beats > 2, 10)
    finally:
        stop.set()
        worker.join()
    assert works == [1]


class Pauses(threading.Event):
    """Does not wait, but notes for how long it should have; set after the first time."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.asked.append(timeout or 0)
        self.set()
        return True


def test_what_is_done_sparingly_rests_a_hundred_times_as_long_as_it_takes() -> None:
    took: list[float] = []

    def work() -> None:
        began = monotonic()
        while monotonic() - began < 0.02:
            pass
        took.append(monotonic() - began)

    pauses = Pauses()
    sparingly(0.5, work)(pauses)
    assert pauses.asked[0] >= 99 * took[0] > 0.5
    pauses = Pauses()
    sparingly(60, work)(pauses)
    assert pauses.asked == [60]


def test_a_worker_whose_server_is_away_begins_again_and_the_others_go_on() -> None:
    port = free_port()
    with small_service(port, "waits for a server") as process:
        for _ in range(2):
            httpx.get(f"http://127.0.0.1:{port}/fail", trust_env=False)
            assert process.stderr
            line = process.stderr.readline()
            while b"worker begins again" not in line:
                line = process.stderr.readline()
        assert _answers(port)
        assert process.poll() is None
