"""One attempt to hand a mail to a mail server.

What the server says is never repeated in words: mail servers like to quote the address they refuse.
"""

import re
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from time import monotonic

from notifier.domain.deliveries import AttemptResult, Outcome
from notifier.mail_server import MailServer

_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?= |$)")


def send_mail(server: MailServer, mail: EmailMessage) -> AttemptResult:
    """Hand a mail to the server. Uncertain from the first byte of it until the server answers its end (RFC 5321).

    Sender and recipient are those of `From` and `To`; a refusal of the 5xx kind is for good.
    """
    deadline = monotonic() + server.timeout.total_seconds()
    try:
        connection = _connect(server, deadline)
    except (OSError, smtplib.SMTPException) as error:
        return AttemptResult(Outcome.DEFERRED, _name_of(error))
    handed_over = False
    try:
        sender, recipient = (str(mail[name].addresses[0].addr_spec) for name in ("From", "To"))
        for command in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"):
            _limit_to(connection, deadline)
            code, answer = connection.docmd(command)
            if code not in (250, 251, 354):
                return _refusal(command[:4], code, answer)
        _limit_to(connection, deadline)
        handed_over = True
        connection.send(re.sub(rb"(?m)^\.", b"..", mail.as_bytes(policy=SMTP)) + b".\r\n")
        _limit_to(connection, deadline)
        code, answer = connection.getreply()
        return AttemptResult(Outcome.SENT) if code == 250 else _refusal("DATA", code, answer)
    except (OSError, smtplib.SMTPException) as error:
        return AttemptResult(Outcome.UNCERTAIN if handed_over else Outcome.DEFERRED, _name_of(error))
    finally:
        connection.close()


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities this machine trusts, read once: reading them takes longer than sending a mail."""
    return ssl.create_default_context()


def _connect(server: MailServer, deadline: float) -> smtplib.SMTP:
    """A connection ready for mail. What goes wrong here is the server's fault, not the mail's: try again later."""
    seconds = server.timeout.total_seconds() / 4
    if server.tls:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=seconds, context=_trusted())
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=seconds)
    try:
        _limit_to(connection, deadline)
        if server.starttls:
            connection.starttls(context=_trusted())
        connection.ehlo_or_helo_if_needed()
        if server.user:
            _limit_to(connection, deadline)
            connection.login(server.user, server.password or "")
    except (OSError, smtplib.SMTPException):
        connection.close()
        raise
    return connection


def _limit_to(connection: smtplib.SMTP, deadline: float) -> None:
    """Let the next step take what is left until the deadline. Raises TimeoutError when nothing is."""
    left = deadline - monotonic()
    if left <= 0 or connection.sock is None:
        raise TimeoutError
    connection.sock.settimeout(left)


def _refusal(where: str, code: int, answer: bytes) -> AttemptResult:
    enhanced = _ENHANCED.match(answer)
    reason = f"{where} {code}{' ' + enhanced.group().decode() if enhanced else ''}"
    return AttemptResult(Outcome.REFUSED if 500 <= code < 600 else Outcome.DEFERRED, reason)


def _name_of(error: Exception) -> str:
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__
