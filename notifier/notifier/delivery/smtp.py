"""One attempt to hand a mail to a mail server.

What the server says is never repeated in words: mail servers like to quote the address they refuse.
"""

import re
from collections.abc import Callable

import aiosmtplib

from notifier.domain.deliveries import AttemptResult, Outcome
from notifier.domain.refusals import smtp_outcome
from notifier.mail_server import MailServer
from notifier.tls import trusted_authorities

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?= |$)")
_LINE_END = re.compile(rb"\r\n|\r|\n")


async def send_mail(
    server: MailServer, return_path: str, recipient: str, mail: bytes, hand_over: Callable[[], None]
) -> AttemptResult:
    """Hand a mail to the server, for exactly this recipient, whatever its headers say.

    `hand_over` is called before the first byte of the mail leaves: from there until the server answers its end (RFC
    5321) it may have arrived. Addresses are plain ASCII; an empty `return_path` is the null one. Raises whatever goes
    wrong on the way.
    """
    connection = _connection_to(server)
    try:
        await connection.connect()
        await connection.ehlo()
        for verb, argument, yes in (
            ("MAIL", f"FROM:<{return_path}>", 2),
            ("RCPT", f"TO:<{recipient}>", 2),
            ("DATA", "", 3),
        ):
            answer = await connection.execute_command(*(part.encode("ascii") for part in (verb, argument) if part))
            if answer.code // 100 != yes:
                return _refusal(verb, answer)
        wire = connection.protocol
        if wire is None:
            raise ConnectionResetError
        hand_over()
        wire.write(_as_data(mail))
        answer = await wire.read_response()
        if answer.code // 100 in (4, 5):
            return _refusal("DATA", answer)
        return AttemptResult(Outcome.SENT if answer.code // 100 == 2 else Outcome.UNCERTAIN)
    finally:
        connection.close()


def _connection_to(server: MailServer) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
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


def _as_data(mail: bytes) -> bytes:
    """A message as DATA takes it (RFC 5321, 4.5.2): lines end with CRLF, dots that begin one are doubled."""
    lines = _LINE_END.split(mail.rstrip(b"\r\n"))
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"


def _refusal(command: str, answer: aiosmtplib.SMTPResponse) -> AttemptResult:
    found = _ENHANCED.match(answer.message)
    enhanced = found.group() if found else None
    reason = " ".join(filter(None, [command, str(answer.code), enhanced]))
    return AttemptResult(smtp_outcome(command, answer.code, enhanced), reason)
