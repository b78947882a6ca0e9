"""A service with a database that refuses what begins with f, until that is mended."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.postgres import Connection, Database
from chassis.relay import Relay
from chassis.settings import Settings
from contracts.envelope import Outgoing
from contracts.events.reports import ReportContent, ReportSupported
from contracts.topics import CASEWORK, CONTENT, FOLLOW_UP
from operations.dead_letters.records import read_dead_letters
from support.effects import running
from support.events import SUBMITTED, outgoing, report_id
from support.stack.databases import Clone

KEY = str(report_id(1))
WORDS = "words that are nobody's business"
EFFECTS = """
create table effect (
  position int generated always as identity, key text, what text, constraint refuses check (what !~ '^f')
);
grant select, insert on effect to kmzb_casework;
"""


def insert_effects(connection: Connection, batch: Sequence[Received]) -> None:
    """A handler that keeps what took effect in which order, on purpose not idempotent."""
    for received in batch:
        match received.event:
            case ReportSupported(sender=sender):
                what: str | None = sender[0]
            case ReportContent(description=description):
                what = description
            case _:
                what = "erased"
        connection.execute("insert into effect (key, what) values (%s, %s)", (received.key, what))


def supported(sender: str, number: int = 1) -> Outgoing:
    return outgoing(
        ReportSupported(report_id=report_id(number), said_at=SUBMITTED, sender=sender * (64 // len(sender)))
    )


def content(description: str) -> Outgoing:
    return outgoing(ReportContent(report_id=report_id(1), description=description))


class RefusingService:
    """Casework's reader of two topics, with a handler that refuses what begins with f."""

    def __init__(self, settings: Settings, clone: Clone) -> None:
        self.settings, self._clone = settings, clone
        with psycopg.connect(clone.owner) as connection:
            connection.execute(EFFECTS)
        self._database = Database(clone.service)

    def close(self) -> None:
        self._database.close()

    def publish(self, *messages: Outgoing) -> None:
        Publisher(self.settings, "test").publish(messages)

    def mend(self) -> None:
        """From now on nothing is refused."""
        with psycopg.connect(self._clone.owner) as connection:
            connection.execute("alter table effect drop constraint refuses")

    def effects(self, number: int = 1) -> list[str]:
        """What took effect for a report, in order."""
        query = "select what from effect where key = %s order by position"
        with self._database.transaction() as connection:
            rows = connection.execute(query, [str(report_id(number))])
            return [row["what"] for row in rows]

    def reasons(self) -> list[str]:
        """The reasons of its dead letters, in the order of the originals."""
        return [letter.reason for letter in read_dead_letters(self.settings, [CASEWORK])]

    @contextmanager
    def running(self) -> Iterator[None]:
        """While it reads and publishes; fails when one of its workers does."""
        storing = Storing(self.settings, CASEWORK, self._database, insert_effects)
        loop = Loop(self.settings, CASEWORK, [FOLLOW_UP, CONTENT], storing, Health())
        with running(loop, Relay(self.settings, CASEWORK, self._database, Health())) as failures:
            yield
        assert not failures
