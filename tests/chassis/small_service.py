"""A service of two workers, one of which fails when asked to.

python small_service.py PORT works|fails|waits for a server|sticks
"""

import sys
from threading import Event

from chassis.health import Health
from chassis.run import every, run
from chassis.telemetry import configure_logs
from psycopg import OperationalError
from web.application import create_api
from web.server import server


def main() -> None:
    port, behaviour = sys.argv[1:]
    configure_logs("small", "INFO")
    health = Health()
    api = create_api("small", "for tests", health)
    asked = Event()

    @api.get("/fail")
    def fail() -> None:
        asked.set()

    def wait_for_it(stop: Event) -> None:
        while not stop.is_set():
            if asked.wait(0.1) and behaviour == "fails":
                raise RuntimeError("as asked")
            if asked.is_set() and behaviour == "sticks":
                health.beat("waits")
                Event().wait()
            if asked.is_set() and behaviour == "waits for a server":
                asked.clear()
                raise OperationalError("terminating connection due to administrator command")

    run(
        {
            "http": server(api, f"http://127.0.0.1:{port}"),
            "ticks": every(0.1, "ticks", health, int),
            "waits": wait_for_it,
        },
        health,
        end_stuck_after=1,
    )


if __name__ == "__main__":
    main()
