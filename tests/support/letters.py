"""An operator's desk, and beside it a service with a database that refuses what begins with f."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.outbox import Relay
from chassis.postgres import Connection, Database
from chassis.settings import Settings
from contracts.envelope import Outgoing
from contracts.reports import ReportContent, ReportSupported
from contracts.topics import CASEWORK, CONTENT, FOLLOW_UP
from operations.letters import read_letters
from support.databases import Clone
from support.effects import running
from support.events import SUBMITTED, outgoing, report_id

KEY = str(report_id(1))
WORDS = "words that are nobody's business"
HEARD = """
create table heard (pos int generated always as identity, key text, what text, constraint refuses check (what !~ '^f'));
grant select, insert on heard to kmzb_casework;
"""


def write_down(connection: Connection, batch: Sequence[Received]) -> None:
    """A handler that notes what took effect in which order, on purpose not idempotent."""
    for each in batch:
        match each.event:
            case ReportSupported(sender=sender):
                what: str | None = sender[0]
            case ReportContent(description=description):
                what = description
            case _:
                what = "erased"
        connection.execute("insert into heard (key, what) values (%s, %s)", (each.key, what))


def supported(sender: str, number: int = 1) -> Outgoing:
    return outgoing(
        ReportSupported(report_id=report_id(number), said_at=SUBMITTED, sender=sender * (64 // len(sender)))
    )


def content(description: str) -> Outgoing:
    return outgoing(ReportContent(report_id=report_id(1), description=description))


class Desk:
    """An operator's desk, and beside it a service that refuses what begins with f."""

    def __init__(self, settings: Settings, clone: Clone) -> None:
        self.settings, self._clone = settings, clone
        with psycopg.connect(clone.owner) as connection:
            connection.execute(HEARD)
        self._database = Database(clone.service)

    def close(self) -> None:
        self._database.close()

    def say(self, *messages: Outgoing) -> None:
        Publisher(self.settings, "test").publish(messages)

    def mend(self) -> None:
        with psycopg.connect(self._clone.owner) as connection:
            connection.execute("alter table heard drop constraint refuses")

    def heard(self, number: int = 1) -> list[str]:
        with self._database.transaction() as connection:
            rows = connection.execute("select what from heard where key = %s order by pos", (str(report_id(number)),))
            return [row["what"] for row in rows]

    def letters(self) -> list[str]:
        return [letter.reason for letter in read_letters(self.settings, [CASEWORK])]

    @contextmanager
    def service(self) -> Iterator[None]:
        storing = Storing(self.settings, CASEWORK, self._database, write_down)
        loop = Loop(self.settings, CASEWORK, [FOLLOW_UP, CONTENT], storing, Health())
        with running(loop, Relay(self.settings, CASEWORK, self._database, Health())) as failures:
            yield
        assert not failures
