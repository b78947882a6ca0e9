"""The sender's loop: claim a message and commit, deliver it holding nothing, record what became of it.

A connection held while a mail server thinks is a connection nobody else has.
"""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import msgspec
import structlog
from chassis import outbox
from chassis.clock import now
from chassis.postgres import Connection, Database, database_time
from contracts.envelope import Outgoing, encode, follows
from contracts.notices import Audience, Channel, NoticeFailed, NoticeSent, NoticeUncertain
from contracts.topics import NOTIFIER
from prometheus_client import Counter, Gauge

from notifier import channels, citizens, contacts, deliveries, texts
from notifier.attempts import Fate, Outcome, fate
from notifier.channels import Result
from notifier.deliveries import Message
from notifier.notices import Addressed
from notifier.settings import Settings

log = structlog.get_logger()
NOTICES = Counter("kmzb_notices_total", "Attempts to tell somebody, by how they ended", ["channel", "outcome"])
PENDING = Gauge("kmzb_notices_pending", "Messages not delivered yet", ["channel"])
OLDEST = Gauge("kmzb_notices_oldest_seconds", "Age of the oldest message not delivered yet", ["channel"])
_IDLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Sender:
    """A worker for one channel. `jitter` gives numbers from 0 to 1; `beat` is told of each turn."""

    settings: Settings
    database: Database
    channel: Channel
    jitter: Callable[[], float]
    beat: Callable[[], None]

    def __call__(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if not self.send_one():
                stop.wait(_IDLE_SECONDS)
            self.beat()

    def send_one(self) -> bool:
        """Make one attempt at the message that waited longest; False when none is due."""
        with self.database.transaction() as connection:
            message = deliveries.claim(connection, self.channel, self.settings.lease)
        if message is None:
            return False
        result = deliver(self.settings, message)
        with self.database.transaction() as connection:
            conclude(connection, self.settings, message, result, self.jitter())
        return True


def recover(connection: Connection, settings: Settings, jitter: Callable[[], float]) -> None:
    """Take up what a dead process was sending. Mail may have arrived; the other channels recognise a repeat."""
    for message in deliveries.left_behind(connection):
        outcome = Outcome.UNCERTAIN if message.channel is Channel.EMAIL else Outcome.DEFERRED
        conclude(connection, settings, message, Result(outcome, "the sending process ended"), jitter())


def conclude(connection: Connection, settings: Settings, message: Message, result: Result, jitter: float) -> None:
    """Record what became of an attempt and say so; nothing when the lease had ended and that was decided before."""
    at = database_time(connection)
    became = fate(
        result.outcome, message.audience, attempt=message.attempt, now=at, first=settings.retry_first, jitter=jitter
    )
    maybe_arrived = result.outcome is Outcome.UNCERTAIN
    if not deliveries.record(connection, message, became, maybe_arrived, result.reason):
        log.warning("lease had ended", notice=str(message.id), outcome=result.outcome)
        return
    NOTICES.labels(message.channel, result.outcome).inc()
    log.info("notice", notice=str(message.id), channel=message.channel, outcome=result.outcome, reason=result.reason)
    outbox.append(connection, told(message, became, result, at))


def told(message: Message, became: Fate, result: Result, at: datetime) -> list[Outgoing]:
    """The event about an attempt; none for one that is simply tried again, or that had nobody to go to any more."""
    if not became.tell:
        return []
    about: dict[str, Any] = {
        "notice_id": message.id,
        "report_id": message.report_id,
        "rule": message.matter,
        "channel": message.channel,
        "audience": message.audience,
        "recipient": message.recipient,
        "attempt": message.attempt,
        "at": at,
    }
    event: NoticeSent | NoticeUncertain | NoticeFailed
    if became.state == "failed":
        event = NoticeFailed(**about, reason=result.reason or "refused")
    else:
        event = NoticeSent(**about) if became.state == "sent" else NoticeUncertain(**about)
    event_id = follows(message.id, f"{type(event).__name__}/{message.attempt}")
    return [encode(event, source=NOTIFIER, at=at, event_id=event_id)]


def told_on_topic(sent: Addressed, at: datetime) -> list[Outgoing]:
    """The event about a notice that went on a topic with the transaction that decided it."""
    notice, channel = sent.notice, sent.channel
    NOTICES.labels(channel, Outcome.SENT).inc()
    message = Message(sent.id, channel, notice.audience, notice.recipient, notice.report_id, notice.matter, attempt=1)
    return told(message, Fate("sent"), Result(Outcome.SENT), at)


def measure(waiting: dict[Channel, tuple[int, float]]) -> None:
    """Show how many messages wait, and how long."""
    for channel, (count, oldest) in waiting.items():
        PENDING.labels(channel).set(count)
        OLDEST.labels(channel).set(oldest)


def deliver(settings: Settings, message: Message) -> Result:
    """One attempt, outside of any transaction."""
    match message.channel:
        case Channel.EMAIL:
            return _by_email(settings, message)
        case Channel.WEBHOOK:
            return _by_webhook(settings, message)
        case Channel.LOG:
            for line in message.lines:
                log.info("told", matter=line.matter, recipient=message.recipient, report_id=str(line.report_id))
            return Result(Outcome.SENT)
        case Channel.TOPIC:
            raise AssertionError("what goes on a topic goes with the transaction that decides it")


def _by_email(settings: Settings, message: Message) -> Result:
    if message.audience is Audience.CITIZEN:
        if message.sealed is None:
            return Result(Outcome.DROPPED, "erased")
        address = contacts.opened(message.sealed, settings.box)
        if address is None:
            return Result(Outcome.REFUSED, "the contact cannot be opened or is no address")
        return channels.email(settings.mail_server, written(settings, message, address))
    address = settings.people.entry(message.audience, message.recipient or "").email
    if not address:
        return Result(Outcome.REFUSED, "the directory has no address any more")
    return channels.email(settings.mail_server, written(settings, message, address))


def _by_webhook(settings: Settings, message: Message) -> Result:
    code = message.recipient or ""
    url = settings.people.entry(message.audience, code).webhook
    if not url:
        return Result(Outcome.REFUSED, "the directory has no webhook any more")
    secret = channels.recipient_secret(settings.webhook_key, code)
    return channels.webhook(url, secret, message.id, posted(message, at := now()), at, settings.send_timeout)


def written(settings: Settings, message: Message, address: str) -> EmailMessage:
    """The mail. EmailMessage refuses a line end in any header; the id is the same at every attempt."""
    line, citizen = message.lines[0], message.audience is Audience.CITIZEN
    links = texts.Links(
        case=f"{settings.casework_url.rstrip('/')}/v1/cases/",
        map=settings.public_map_url,
        contact=citizens.link(settings.links_url, line.report_id, settings.link_key) if citizen else "",
    )
    if citizen:
        text = texts.citizen(line, message.language, links)
    elif message.audience is Audience.AGENCY:
        text = texts.agency(line, links)
    else:
        text = texts.officers(message.lines, links)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = settings.mail_from, address, text.subject
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = f"<{message.id}@{settings.mail_from.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text.body, cte="quoted-printable")
    mail["Content-Language"] = message.language if citizen else "pl"
    return mail


def posted(message: Message, at: datetime) -> bytes:
    """The body of a webhook: the matter, and each notice with its facts."""
    notices = [{"matter": line.matter, "report_id": line.report_id, **asdict(line.facts)} for line in message.lines]
    body = {"type": message.matter, "timestamp": at, "data": {"recipient": message.recipient, "notices": notices}}
    return msgspec.json.encode(body)
