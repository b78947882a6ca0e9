"""A service whose handler ends the process without a word at the messages that say so.

python killed_by_a_message.py BOOTSTRAP NAMESPACE DSN

Each line on stdin, `6 end`, is a life of its own in a new process: it dies of messages with that word, or ends well
once so many have taken effect or are set aside. On stdout stands its exit code. The imports are done once for all.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from threading import Event, Thread

from chassis.health import Health
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.postgres import Connection, Database
from chassis.settings import Settings
from contracts.events.reports import ReportContent
from contracts.topics import CASEWORK, CONTENT
from support.effects import count_effects, times
from support.wait import eventually


def live(settings: Settings, dsn: str, many: int, killing: str) -> None:
    """One process's life."""
    database, stop = Database(dsn), Event()

    def handle(connection: Connection, batch: Sequence[Received]) -> None:
        count_effects(connection, batch)
        if any(isinstance(each.event, ReportContent) and each.event.description == killing for each in batch):
            os._exit(9)

    def dealt_with() -> int:
        with database.transaction() as connection:
            row = connection.execute("select count(*) as many from set_aside").fetchone()
        return len(times(database)) + (row["many"] if row else 0)

    storing = Storing(settings, CASEWORK, database, handle)
    thread = Thread(target=Loop(settings, CASEWORK, [CONTENT], storing, Health()), args=(stop,))
    thread.start()
    eventually(lambda: dealt_with() == many, 80)
    stop.set()
    thread.join()


def main() -> None:
    bootstrap, namespace, dsn = sys.argv[1:]
    settings = Settings(kafka_bootstrap=bootstrap, namespace=namespace)
    for line in sys.stdin:
        many, killing = line.rstrip("\n").split(" ", 1)
        # Before any thread or client there is: a child that is forked then is as good as a process started anew.
        child = os.fork()
        if child == 0:
            os.dup2(2, 1)  # its logs
            try:
                live(settings, dsn, int(many), killing)
            except BaseException:  # noqa: BLE001 - the end of the process, which says why
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
