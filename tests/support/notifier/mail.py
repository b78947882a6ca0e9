"""A real SMTP server for tests that answers as it is told, and keeps what it took."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from threading import Event
from typing import Any


class ScriptedMailServer:
    """Takes mail; or gives `rcpt_answer` to RCPT, `data_answer` to the end of DATA, or disconnects or waits there.

    `mails` is everything that was handed over whole, also where the answer was not a yes; `envelopes` are its senders
    and recipients. `told` is what may have got through: to whom, and its Message-ID.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
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
        self.envelopes.append((envelope.mail_from or "", list(envelope.rcpt_tos)))
        if not self.data_answer:
            self.told.update((to, mail["Message-ID"]) for to in envelope.rcpt_tos)
        if self.waits_for is not None:
            await server.loop.run_in_executor(None, self.waits_for.wait, 20)
        if self.disconnects:
            server.transport.close()
        return self.data_answer or "250 OK"
