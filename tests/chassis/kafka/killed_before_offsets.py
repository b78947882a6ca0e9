"""A consumer that dies, as by kill -9, after the database has committed and before Kafka knows.

python killed_before_offsets.py BOOTSTRAP NAMESPACE DSN
"""

import os
import signal
import sys
from collections.abc import Sequence
from threading import Event

from chassis.health import Health
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.postgres import Connection, Database
from chassis.settings import Settings
from confluent_kafka import Message
from contracts.topics import CASEWORK, CONTENT


def insert(connection: Connection, batch: Sequence[Received]) -> None:
    for each in batch:
        connection.execute("insert into effect (report_id) values (%s) on conflict do nothing", (each.key,))


def main() -> None:
    bootstrap, namespace, dsn = sys.argv[1:]
    settings = Settings(kafka_bootstrap=bootstrap, namespace=namespace)
    database = Database(dsn)
    storing = Storing(settings, CASEWORK, database, insert)

    def process(batch: Sequence[Message]) -> None:
        storing(batch)
        os.kill(os.getpid(), signal.SIGKILL)

    Loop(settings, CASEWORK, [CONTENT], process, Health())(Event())


if __name__ == "__main__":
    main()
