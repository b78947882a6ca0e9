"""Hands mails to a mail server, one after another on a connection that is kept while there are more.

What the server says is never repeated in words: mail servers like to quote the address they refuse.
"""

import re
from collections.abc import Callable
from contextlib import suppress

import aiosmtplib

from notifier.domain.deliveries import AttemptResult, Outcome
from notifier.domain.refusals import smtp_outcome
from notifier.mail_server import MailServer
from notifier.tls import trusted_authorities

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?= |$)")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_MAILMAX = re.compile(r"(?:^| )MAILMAX=([1-9]\d{0,5})(?= |$)")
# Servers that say no limit of theirs have one of some hundreds or a thousand.
_MAILS_PER_CONNECTION = 100
_CLOSING = 421
HandOver = Callable[[], None]
"""Called before the first byte of a mail leaves; raises where it must not."""


class _Ended(Exception):
    """The server ended a connection that was kept, before the mail was handed over."""


class MailSender:
    """Hands mails to one server. All its work is for one loop."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._kept: _Connection | None = None

    async def send(self, return_path: str, recipient: str, mail: bytes, hand_over: HandOver) -> AttemptResult:
        """Hand a mail to the server, for exactly this recipient, whatever its headers say.

        `hand_over` is called before the first byte of the mail leaves: from there until the server answers its end (RFC
        5321) it may have arrived. Addresses are plain ASCII; an empty `return_path` is the null one. Raises whatever
        goes wrong on the way. A connection that was kept and is at its end is no result: another one is made.
        """
        kept, self._kept = self._kept, None
        if kept is not None:
            with suppress(_Ended):
                return await self._send(kept, return_path, recipient, mail, hand_over)
        return await self._send(await _connect(self._server), return_path, recipient, mail, hand_over)

    def leave(self) -> None:
        """End the connection that is kept, if any."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.leave()

    async def _send(
        self, connection: "_Connection", return_path: str, recipient: str, mail: bytes, hand_over: HandOver
    ) -> AttemptResult:
        try:
            result = await connection.send(return_path, recipient, mail, hand_over)
        except BaseException:
            connection.close()
            raise
        if connection.reusable:
            self._kept = connection
        else:
            connection.leave()
        return result


class _Connection:
    """A connection that has greeted."""

    def __init__(self, smtp: aiosmtplib.SMTP) -> None:
        self._smtp = smtp
        found = _MAILMAX.search(smtp.esmtp_extensions.get("limits", "").upper())  # RFC 9422
        self._limit = min(int(found[1]) if found else _MAILS_PER_CONNECTION, _MAILS_PER_CONNECTION)
        self._mails = 0
        self._to_be_reset = False  # a mail was begun and not handed over
        self._in_order = True  # what was said last is understood by both sides

    @property
    def reusable(self) -> bool:
        """Whether another mail may be sent on it."""
        return self._in_order and self._smtp.is_connected and self._mails < self._limit

    async def send(self, return_path: str, recipient: str, mail: bytes, hand_over: HandOver) -> AttemptResult:
        """See `MailSender`. Raises _Ended, too."""
        was_used, self._mails = self._mails > 0, self._mails + 1
        steps = (
            *([("RSET", "", 2)] if self._to_be_reset else []),
            ("MAIL", f"FROM:<{return_path}>", 2),
            ("RCPT", f"TO:<{recipient}>", 2),
            ("DATA", "", 3),
        )
        for verb, argument, yes in steps:
            try:
                answer = await self._smtp.execute_command(*(part.encode("ascii") for part in (verb, argument) if part))
            except (aiosmtplib.SMTPException, OSError) as error:
                if was_used:
                    raise _Ended from error
                raise
            if answer.code // 100 != yes:
                # One mail too many for the connection is answered before a recipient is named, or by hanging up.
                if was_used and (verb in ("RSET", "MAIL") or answer.code == _CLOSING):
                    raise _Ended
                self._to_be_reset = True
                return _refusal(verb, answer)
        self._to_be_reset = False
        wire = self._smtp.protocol
        if wire is None:
            raise ConnectionResetError
        hand_over()
        wire.write(_as_data(mail))
        answer = await wire.read_response()
        kind = answer.code // 100
        self._in_order = kind in (2, 4, 5) and answer.code != _CLOSING
        if kind in (4, 5):
            return _refusal("DATA", answer)
        return AttemptResult(Outcome.SENT if kind == 2 else Outcome.UNCERTAIN)

    def leave(self) -> None:
        """End it politely, without waiting for the answer."""
        if self._in_order and self._smtp.protocol is not None:
            with suppress(aiosmtplib.SMTPException, OSError):
                self._smtp.protocol.write(b"QUIT\r\n")
        self.close()

    def close(self) -> None:
        """End it."""
        self._smtp.close()


async def _connect(server: MailServer) -> _Connection:
    smtp = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        local_hostname=server.greets_as,
        username=server.user,
        password=server.password,
        use_tls=server.tls,
        start_tls=server.starttls,
        tls_context=trusted_authorities(),
        timeout=None,  # the whole attempt has one limit
    )
    try:
        await smtp.connect()
        await smtp.ehlo()
    except BaseException:
        smtp.close()
        raise
    return _Connection(smtp)


def _as_data(mail: bytes) -> bytes:
    """A message as DATA takes it (RFC 5321, 4.5.2): lines end with CRLF, dots that begin one are doubled."""
    lines = _LINE_END.split(mail.rstrip(b"\r\n"))
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"


def _refusal(command: str, answer: aiosmtplib.SMTPResponse) -> AttemptResult:
    found = _ENHANCED.match(answer.message)
    enhanced = found.group() if found else None
    reason = " ".join(filter(None, [command, str(answer.code), enhanced]))
    return AttemptResult(smtp_outcome(command, answer.code, enhanced), reason)
