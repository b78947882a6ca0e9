"""A small service that writes down what took effect: today's in a test, the next release's as a program.

The program replays what is held, and ends. First it proves that its contracts read what every release wrote.

python newer_reader.py BOOTSTRAP NAMESPACE DSN
"""

import sys
from collections.abc import Sequence

from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.postgres import Connection, Database
from chassis.settings import Settings
from contracts.releases.release import breaks, current, kept_releases
from contracts.topics import CASE_CHANGED, CASEWORK


def write_down(connection: Connection, batch: Sequence[Received]) -> None:
    for message in batch:
        event = type(message.event).__name__ if message.event else "tombstone"
        connection.execute("insert into seen (key, event) values (%s, %s)", (message.key, event))


def small_service(settings: Settings, database: Database) -> Storing:
    """Of a case the base is enough for it; of nothing else."""
    return Storing(settings, CASEWORK, database, write_down, base_suffices=(CASE_CHANGED,))


def main() -> None:
    bootstrap, namespace, dsn = sys.argv[1:]
    broken = [change for release in kept_releases() for change in breaks(release, current())]
    assert not broken, broken
    database = Database(dsn)
    small_service(Settings(kafka_bootstrap=bootstrap, namespace=namespace), database).replay_held()
    database.close()


if __name__ == "__main__":
    main()
