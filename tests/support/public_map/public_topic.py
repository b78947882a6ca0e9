"""public-map's workers in the test's own process, and what it publishes: on the topic, or still in its outbox."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from time import monotonic
from uuid import UUID

from chassis.health import Health
from chassis.kafka.messages import original_headers
from chassis.kafka.reader import read_from_start
from chassis.postgres import Database
from confluent_kafka import Message
from contracts.envelope import Outgoing, decode
from contracts.events.public import PublicReport
from contracts.topics import PUBLIC_REPORT
from public_map.app import workers
from public_map.domain.queries import ReportFilter
from public_map.settings import Settings
from public_map.store.public_reports import find_public_reports
from support.effects import running
from support.topics import everything_on


@contextmanager
def running_service(settings: Settings) -> Iterator[Database]:
    """The service's workers in this process; gives its database. Fails when one of them does."""
    database = Database(settings.postgres_dsn.get_secret_value())
    try:
        with running(*workers(settings, database, Health("consumer")).values()) as failures:
            yield database
        assert not failures
    finally:
        database.close()


class TopicReader:
    """Somebody who reads the public topic from its beginning and stays; `reports` is what it shows so far, by key."""

    def __init__(self, settings: Settings) -> None:
        self._stop = Event()
        self._messages = read_from_start(settings, "test-reader", PUBLIC_REPORT, self._stop)
        self.reports: dict[str, PublicReport] = {}

    def wait_for_versions(self, versions: Mapping[UUID, int], seconds: float = 30.0) -> None:
        """Read on until the topic shows just these reports in these versions. Raises AssertionError when it is late."""
        wanted = {str(report_id): version for report_id, version in versions.items()}
        end = monotonic() + seconds
        while (shown := {key: report.version for key, report in self.reports.items()}) != wanted:
            assert monotonic() < end, f"not within {seconds:g} s; at last: {shown}"
            if (message := next(self._messages)) is not None:
                self._apply(_outgoing(message))

    def close(self) -> None:
        """Leave the cluster."""
        self._stop.set()
        for _ in self._messages:
            pass

    def _apply(self, message: Outgoing) -> None:
        self.reports.pop(message.key, None)
        if report := public_report_in(message):
            self.reports[message.key] = report


def topic_messages(settings: Settings) -> list[Outgoing]:
    """Everything on the public topic at this moment."""
    return [_outgoing(message) for message in everything_on(settings, PUBLIC_REPORT)]


def outbox_messages(database: Database) -> list[Outgoing]:
    """Everything in the outbox, in the order it goes to the log."""
    with database.transaction() as connection:
        rows = connection.execute(
            "select topic, key, header_names, header_values, value from outbox order by pos"
        ).fetchall()
    return [
        Outgoing(
            row["topic"],
            row["key"].decode(),
            list(zip(row["header_names"], row["header_values"], strict=True)),
            row["value"],
        )
        for row in rows
    ]


def public_report_in(message: Outgoing) -> PublicReport | None:
    """The report a message publishes; None for a tombstone."""
    assert message.topic == PUBLIC_REPORT.name
    if message.value is None:
        return None
    report = decode(message.headers, message.value).data
    assert isinstance(report, PublicReport)
    return report


def published(database: Database) -> list[tuple[str, PublicReport | None]]:
    """Key and report of everything in the outbox, in order; None is a tombstone."""
    return [(message.key, public_report_in(message)) for message in outbox_messages(database)]


def compacted(messages: Iterable[Outgoing]) -> dict[str, PublicReport]:
    """What a reader of all the messages ends up with, by key."""
    newest = {message.key: public_report_in(message) for message in messages}
    return {key: report for key, report in newest.items() if report}


def reports_on_map(database: Database) -> dict[str, PublicReport]:
    """What everyone can see on the map, by key."""
    with database.transaction() as connection:
        return {report.key: report for report in find_public_reports(connection, ReportFilter(), 10_000)}


def _outgoing(message: Message) -> Outgoing:
    return Outgoing(PUBLIC_REPORT.name, (message.key() or b"").decode(), original_headers(message), message.value())
