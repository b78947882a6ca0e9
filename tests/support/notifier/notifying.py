"""The notifier without a broker: events in, mail out, one step at a time; and a citizen who left a contact."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

from chassis.kafka.messages import Received
from chassis.postgres import Database
from contracts.agencies import Agencies
from contracts.base import Event, Owner
from contracts.envelope import Envelope, decode
from contracts.events.clocks import Clock
from contracts.events.notices import Channel, NoticeEvent
from contracts.events.reports import ReportContact
from contracts.statuses import Language
from nacl.public import PrivateKey, SealedBox
from notifier.app import handle
from notifier.delivery.dispatcher import group_due
from notifier.delivery.sender import BATCH, Sender
from notifier.domain.effects import Configuration
from notifier.settings import Settings
from support.agencies import AGENCIES
from support.events import OPOLE, SUBMITTED, received
from support.histories import Life, terms_in_seconds

KEY = PrivateKey(bytes(range(32)))
ADDRESS = "canary.kowalska@obywatel.example"
DIRECTORY = """
[unit]
email = "{code}@policja.example"
digest = {seconds = 0}
[garrison]
email = "dyzurny.{code}@policja.example"
[headquarters]
email = "dyzurny.{code}@policja.example"
[agency]
email = "{code}@agencja.example"
"""


def contact(life: Life, address: str = ADDRESS, language: Language = "pl") -> ReportContact:
    """The contact a citizen left with a report, sealed to `KEY`."""
    sealed = b64encode(SealedBox(KEY.public_key).encrypt(json.dumps({"email": address}).encode())).decode()
    return ReportContact(report_id=life.id, sealed=sealed, language=language)


def clock(life: Life, owner: Owner = OPOLE) -> dict[str, Any]:
    """What all events of the take-up clock of a report have."""
    due = SUBMITTED + timedelta(seconds=10)
    return {
        "report_id": life.id,
        "clock": Clock.TAKE_UP,
        "cycle": 1,
        "owner": owner,
        "started_at": SUBMITTED,
        "due_at": due,
        "terms": "seconds",
    }


class Service:
    """The service without a broker: events in, mail out, one step at a time."""

    def __init__(self, settings: Settings, database: Database, agencies: Agencies = AGENCIES) -> None:
        self.settings, self.database, self.agencies = settings, database, agencies

    def handle(self, *batch: Event | Received) -> None:
        """Handle a batch of events, or of messages already received."""
        configuration = Configuration(
            terms_in_seconds(), self.settings.recipients, self.agencies, self.settings.confirm_within
        )
        messages = [item if isinstance(item, Received) else received(item) for item in batch]
        with self.database.transaction() as connection:
            handle(configuration, connection, messages)

    def send_due(self, channel: Channel = Channel.EMAIL) -> int:
        """Send everything that is due; returns how many attempts it took."""
        group_due(self.database)
        attempts = 0
        with self.sender(channel) as sender:
            while sent := sender.send(BATCH):
                attempts += sent
                if attempts > 200:
                    raise AssertionError("there is no end to it")
        return attempts

    def send_one(self, channel: Channel = Channel.EMAIL, **more: Any) -> bool:
        """Attempt one delivery, if one is due."""
        with self.sender(channel, **more) as sender:
            return sender.send(1) == 1

    @contextmanager
    def sender(
        self, channel: Channel = Channel.EMAIL, jitter: Callable[[], float] = lambda: 0.5, **more: Any
    ) -> Iterator[Sender]:
        """A sender of one channel, to be moved by hand."""
        agencies = self.agencies
        with closing(Sender(self.settings, self.database, channel, agencies, jitter, lambda: None, **more)) as sender:
            yield sender

    def query(self, query: Any, *arguments: Any) -> list[dict[str, Any]]:
        """The rows a query gives."""
        with self.database.transaction() as connection:
            return connection.execute(query, arguments).fetchall()

    def execute(self, statement: Any, *arguments: Any) -> None:
        """Run a statement, to make time pass or a process die."""
        with self.database.transaction() as connection:
            connection.execute(statement, arguments)

    def ledger(self) -> list[tuple[str, str, str]]:
        """Kind and channel, recipient, and state of every notice, sorted."""
        rows = self.query("select kind, recipient, channel, state from ledger")
        return sorted((f"{row['kind']}/{row['channel']}", row["recipient"] or "", row["state"]) for row in rows)

    def published(self) -> list[Envelope]:
        """Every event in the outbox, in order."""
        return [
            decode(zip(row["header_names"], row["header_values"], strict=True), row["value"])
            for row in self.query("select * from outbox where value is not null order by pos")
        ]

    def tombstones(self) -> list[str]:
        """The key of every tombstone in the outbox, in order."""
        return [row["key"].decode() for row in self.query("select key from outbox where value is null order by pos")]

    def announced(self) -> list[tuple[str, int]]:
        """Each event about a delivery, and the attempt it is about."""
        events = [envelope.data for envelope in self.published()]
        return [(type(event).__name__, event.attempt) for event in events if isinstance(event, NoticeEvent)]
