"""Servers the notifier has to live with: mailboxes that are full, unknown or never answered, and a slow webhook."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from support.notifier.trickling import talking, trickle_byte
from support.stack.ports import free_port

DIRECTORY = """
[unit]
email = "{code}@policja.example"
digest = {seconds = 1}
[garrison]
email = "dyzurny.{code}@policja.example"
[headquarters]
email = "dyzurny.{code}@policja.example"
log = true
[agency]
email = "{code}@zglaszanie.example"
[units.KMP-1863]
email = "full@policja.example"
[units.KMP-0463]
email = "unknown@policja.example"
[units.KMP-1061]
email = "slow@policja.example"
[units.KMP-2469]
email = ""
webhook = "http://127.0.0.1:WEBHOOK/"
"""
VICTIM = "other.org"
"""Whose mailbox strangers try to have mail sent to."""
FULL, UNKNOWN, SLOW = "full@policja.example", "unknown@policja.example", "slow@policja.example"
RZESZOW, TORUN, LODZ, KATOWICE = (22.0047, 50.0376), (18.5984, 53.0138), (19.4560, 51.7687), (19.0217, 50.2599)
"""Places of the units above, in their order."""
_TRICKLE_SECONDS = 3.0


class MailServer(Mailbox):
    """Keeps mail where the development mailbox does, but none for `FULL`, while `is_full`, for `UNKNOWN`, and for
    `SLOW`, which it never answers: it sends one byte every three seconds.

    `refused` are the addresses whose mail it did not take, one entry a try.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder, self.is_full = folder, True
        self.refused: list[str] = []

    async def handle_RCPT(  # noqa: N802 - the server calls it so
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """See aiosmtpd."""
        if address in (UNKNOWN, SLOW) or (address == FULL and self.is_full):
            self.refused.append(address)
        if address == FULL and self.is_full:
            return "552 5.2.2 mailbox full"
        if address == UNKNOWN:
            return "550 5.1.1 no such mailbox"
        while address == SLOW:  # until the client hangs up, which cancels this
            server.transport.write(b"2")
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), _TRICKLE_SECONDS)
        envelope.rcpt_tos.append(address)
        return "250 OK"


@dataclass(slots=True)
class SlowWebhook:
    """A webhook that answers byte by byte, without an end; `calls` counts who tried it."""

    calls: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What `talking` holds with each who connects."""
        self.calls += 1
        while True:
            await trickle_byte(reader, writer)


@dataclass(frozen=True, slots=True)
class Difficult:
    """Both, and what a system has to be told to meet them."""

    mail: MailServer
    webhook: SlowWebhook
    settings: dict[str, str]


@contextmanager
def difficult_servers(root: Path) -> Iterator[Difficult]:
    """They serve while the block runs. `root` is the folder of the system whose mail it is."""
    webhook = SlowWebhook()
    mail = MailServer(root / "mail")
    mail_port = free_port()
    controller = Controller(mail, hostname="127.0.0.1", port=mail_port)
    controller.start()
    try:
        with talking(webhook.talk) as port:
            directory = root / "directory.toml"
            directory.write_text(DIRECTORY.replace("WEBHOOK", str(port)), "utf-8")
            settings = {
                "KMZB_NOTIFIER_DIRECTORY": str(directory),
                "KMZB_NOTIFIER_SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
                "KMZB_NOTIFIER_WEBHOOK_SECRET": "5ec7e7" * 8,
                "KMZB_NOTIFIER_RETRY_FIRST": "PT1S",
            }
            yield Difficult(mail, webhook, settings)
    finally:
        controller.stop()
