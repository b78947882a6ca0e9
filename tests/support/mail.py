"""A mail server for tests that does as it is told, and keeps what it took."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from threading import Event
from typing import Any


class Postman:
    """Takes mail; or answers `RCPT` or the end of `DATA` with what it is told to, or hangs up there, or waits.

    `taken` is everything that was handed over whole, also where the answer was not a yes.
    """

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.at_recipient: str | None = None
        self.at_end: str | None = None
        self.hangs_up = False
        self.go_on: Event | None = None

    @property
    def read(self) -> list[tuple[str, str]]:
        """Recipient and subject of each message, in order."""
        return [(mail["To"], mail["Subject"]) for mail in self.taken]

    async def handle_RCPT(  # noqa: N802 - the server calls it so
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.at_recipient:
            return f"{self.at_recipient} <{address}> is not welcome"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = BytesParser(policy=policy.default).parsebytes(envelope.content)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        if self.go_on is not None:
            await server.loop.run_in_executor(None, self.go_on.wait, 20)
        if self.hangs_up:
            server.transport.close()
        return self.at_end or "250 OK"
