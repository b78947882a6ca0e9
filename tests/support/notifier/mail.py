"""A real SMTP server for tests that answers as it is told, and keeps what it took; and a client on one connection."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from threading import Event
from typing import Any

from notifier.delivery.channels.limits import LimitedLoop
from notifier.delivery.channels.smtp import MailSender
from notifier.domain.deliveries import AttemptResult
from notifier.mail_server import MailServer

Ended = AttemptResult | BaseException


class ScriptedMailServer:
    """Takes mail; or gives `rcpt_answer` to RCPT, `data_answer` to the end of DATA, or disconnects or waits there.

    `mails` is everything that was handed over whole, also where the answer was not a yes; `envelopes` are its senders
    and recipients, `clients` the connections they came on. `told` is what may have got through: to whom, and its
    Message-ID.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.clients: set[Any] = set()
        self.told: set[tuple[str, str]] = set()
        self.rcpt_answer: str | None = None
        self.data_answer: str | None = None
        self.disconnects = False
        self.waits_for: Event | None = None

    @property
    def summaries(self) -> list[tuple[str, str]]:
        """Recipient and subject of each mail, in order."""
        return [(mail["To"], mail["Subject"]) for mail in self.mails]

    async def handle_RCPT(  # noqa: N802 - the server calls it so
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """See aiosmtpd."""
        if self.rcpt_answer:
            return f"{self.rcpt_answer} <{address}> is not welcome"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """See aiosmtpd."""
        mail = BytesParser(policy=policy.default).parsebytes(envelope.content)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.clients.add(session.peer)
        self.envelopes.append((envelope.mail_from or "", list(envelope.rcpt_tos)))
        if not self.data_answer:
            self.told.update((to, mail["Message-ID"]) for to in envelope.rcpt_tos)
        if self.waits_for is not None:
            await server.loop.run_in_executor(None, self.waits_for.wait, 20)
        if self.disconnects:
            server.transport.close()
        return self.data_answer or "250 OK"


@contextmanager
def mailing(server: MailServer, limit: timedelta = timedelta(seconds=1)) -> Iterator[Callable[..., Ended]]:
    """Hands mails in one after another as a sender does: `message`, `to`, `hand_over`; gives how each ended."""
    sender = MailSender(server)
    with closing(LimitedLoop()) as loop:
        try:
            yield lambda message, to, hand_over: loop.outcome(limit, sender.send("", to, message, hand_over))
        finally:
            loop.run(sender.leave)


def outcome_within(limit: timedelta, work: Coroutine[Any, Any, AttemptResult]) -> Ended:
    """What one attempt gives or raises, in a loop of its own."""
    with closing(LimitedLoop()) as loop:
        ended = loop.outcome(limit, work)
        loop.run(lambda: None)
        return ended
