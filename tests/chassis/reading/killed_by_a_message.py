"""A service whose handler ends the process without a word at the messages that say so.

It ends well once all of the messages it is told the number of have taken effect or are set aside.
"""

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
    if any(isinstance(each.event, ReportContent) and each.event.description == killing for each in batch):
        os._exit(9)


def dealt_with() -> int:
    with database.transaction() as connection:
        row = connection.execute("select count(*) as many from set_aside").fetchone()
    return len(times(database)) + (row["many"] if row else 0)


bootstrap, namespace, dsn, many, killing = sys.argv[1:]
database, stop = Database(dsn), Event()
settings = Settings(kafka_bootstrap=bootstrap, namespace=namespace)
storing = Storing(settings, CASEWORK, database, handle)
thread = Thread(target=Loop(settings, CASEWORK, [CONTENT], storing, Health()), args=(stop,))
thread.start()
eventually(lambda: dealt_with() == int(many), 80)
stop.set()
thread.join()
