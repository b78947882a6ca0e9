"""A service whose handler ends the process without a word at one message; it ends well once that is set aside."""

import os
import sys
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


def handle(connection: Connection, batch: Sequence[Received]) -> None:
    count_effects(connection, batch)
    if any(isinstance(each.event, ReportContent) and each.event.description == "end" for each in batch):
        os._exit(9)


def was_set_aside() -> bool:
    with database.transaction() as connection:
        return connection.execute("select from set_aside").fetchone() is not None


bootstrap, namespace, dsn = sys.argv[1:]
database, stop = Database(dsn), Event()
settings = Settings(kafka_bootstrap=bootstrap, namespace=namespace)
storing = Storing(settings, CASEWORK, database, handle)
thread = Thread(target=Loop(settings, CASEWORK, [CONTENT], storing, Health()), args=(stop,))
thread.start()
eventually(lambda: len(times(database)) == 5 and was_set_aside(), 80)
stop.set()
thread.join()
