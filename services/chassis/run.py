"""How a service lives: its workers and its HTTP server side by side, ended together, by a signal or by a failure.

A worker that fails ends the process: what it had not committed is done again after the restart.
"""

import signal
import sys
import threading
from collections.abc import Callable, Mapping
from time import monotonic
from urllib.parse import urlsplit

import structlog
import uvicorn
from starlette.types import ASGIApp

log = structlog.get_logger()
Worker = Callable[[threading.Event], None]
# A loop that has not moved for so long is stuck; a batch is sized to take a tenth of it.
_STUCK_SECONDS = 30.0
_SHUTDOWN_SECONDS = 10.0


class Health:
    """Who has to be ready before the service is, and when each loop moved last."""

    def __init__(self, *awaited: str) -> None:
        self._awaited = set(awaited)
        self._beats: dict[str, float] = {}

    def beat(self, loop: str) -> None:
        self._beats[loop] = monotonic()

    def ready(self, what: str) -> None:
        self._awaited.discard(what)

    @property
    def stuck(self) -> list[str]:
        return [loop for loop, at in self._beats.items() if monotonic() - at > _STUCK_SECONDS]

    @property
    def awaited(self) -> list[str]:
        return sorted(self._awaited)


def every(seconds: float, name: str, health: Health, work: Callable[[], object]) -> Worker:
    """A worker that does something again and again, `seconds` after it last ended."""

    def run(stop: threading.Event) -> None:
        while not stop.is_set():
            work()
            health.beat(name)
            stop.wait(seconds)

    return run


def run(api: ASGIApp, url: str, workers: Mapping[str, Worker]) -> None:
    """Serve until SIGTERM or SIGINT (exit code 0) or until a worker fails (exit code 1)."""
    stop = threading.Event()
    failed: list[str] = []

    def guarded(name: str, worker: Worker) -> None:
        try:
            worker(stop)
        except BaseException:
            log.exception("worker failed", worker=name)
            failed.append(name)
            raise
        finally:
            stop.set()

    address = urlsplit(url)
    server = uvicorn.Server(
        uvicorn.Config(
            api,
            host=address.hostname or "127.0.0.1",
            port=address.port or 80,
            loop="uvloop",
            http="httptools",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,  # by default a forwarded address is believed from anyone on 127.0.0.1
            # Open streams would otherwise hold the process for as long as their readers like.
            timeout_graceful_shutdown=3,
        )
    )

    def serve(_: threading.Event) -> None:
        server.run()
        if not server.started and not stop.is_set():  # uvicorn returns quietly when the application's start failed
            raise RuntimeError("the HTTP server did not start")

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    everyone = {**workers, "http": serve}
    threads = [threading.Thread(target=guarded, args=pair, name=pair[0], daemon=True) for pair in everyone.items()]
    threading.excepthook = lambda _: None  # guarded has logged it
    for thread in threads:
        thread.start()
    stop.wait()
    server.should_exit = True
    deadline = monotonic() + _SHUTDOWN_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    slow = [thread.name for thread in threads if thread.is_alive()]
    log.info("stopped", failed=failed, still_running=slow)
    sys.exit(1 if failed or slow else 0)
