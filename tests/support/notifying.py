"""The notifier without a broker: events in, mail out, one step at a time; and a citizen who left a contact."""

import json
from base64 import b64encode
from typing import Any

from chassis.kafka.messages import Received
from chassis.postgres import Database
from contracts.envelope import decode
from contracts.notices import Channel
from contracts.reports import ReportContact
from nacl.public import PrivateKey, SealedBox
from notifier.app import Rules, gather, handle
from notifier.directory import read as read_directory
from notifier.sender import Sender
from notifier.settings import Settings
from support.events import received
from support.histories import Life, seconds

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


def contact(life: Life, address: str = ADDRESS, language: Any = "pl") -> ReportContact:
    sealed = b64encode(SealedBox(KEY.public_key).encrypt(json.dumps({"email": address}).encode())).decode()
    return ReportContact(report_id=life.id, sealed=sealed, language=language)


class Service:
    """The service without a broker: events in, mail out, one step at a time."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings, self.database = settings, database

    def hear(self, *batch: Any) -> None:
        """Handle a batch of events, or of messages already received."""
        terms = seconds()
        rules = Rules(terms, read_directory(self.settings.directory), self.settings.confirm_within)
        with self.database.transaction() as connection:
            handle(rules, connection, [each if isinstance(each, Received) else received(each) for each in batch])

    def send(self, channel: Channel = Channel.EMAIL) -> int:
        """Send everything that is due; returns how many attempts it took."""
        gather(self.database)
        attempts = 0
        while Sender(self.settings, self.database, channel, lambda: 0.5, lambda: None).send_one():
            attempts += 1
            if attempts > 200:
                raise AssertionError("there is no end to it")
        return attempts

    def rows(self, query: Any, *arguments: Any) -> list[dict[str, Any]]:
        with self.database.transaction() as connection:
            return connection.execute(query, arguments).fetchall()

    def do(self, statement: Any, *arguments: Any) -> None:
        with self.database.transaction() as connection:
            connection.execute(statement, arguments)

    def ledger(self) -> list[tuple[str, str | None, str]]:
        """Matter, recipient and state of every notice, sorted."""
        rows = self.rows("select matter, recipient, channel, state from ledger")
        return sorted((f"{row['matter']}/{row['channel']}", row["recipient"] or "", row["state"]) for row in rows)

    def said(self) -> list[Any]:
        """Everything in the outbox, in order: envelopes, and keys of tombstones."""
        rows = self.rows("select * from outbox order by pos")
        return [
            decode(zip(row["header_names"], row["header_values"], strict=True), row["value"])
            if row["value"] is not None
            else row["key"]
            for row in rows
        ]
