"""The ways out: e-mail by SMTP, a signed webhook, the log. Each makes one attempt and says how it ended.

What the other side says is never repeated in words: mail servers like to quote the address they refuse.
"""

import hashlib
import hmac
import re
import smtplib
import ssl
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from time import monotonic
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import httpx

from notifier.attempts import Outcome

_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?= |$)")


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt ended, and what the other side said of it, without addresses."""

    outcome: Outcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `timeout` is for one message as a whole."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool
    starttls: bool
    timeout: timedelta


def mail_server(url: str, timeout: timedelta) -> MailServer:
    """From smtp[s]://[user:password@]host[:port][?starttls=required]. Raises ValueError."""
    parts = urlsplit(url)
    options = parse_qs(parts.query, strict_parsing=bool(parts.query))
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("not smtp[s]://[user:password@]host[:port][?starttls=required]")
    if options not in ({}, {"starttls": ["required"]}):
        raise ValueError("the only option is starttls=required")
    if parts.username and parts.password is None:
        raise ValueError("a user without a password")
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if parts.scheme == "smtps" else 25),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=parts.scheme == "smtps",
        starttls=bool(options),
        timeout=timeout,
    )


def email(server: MailServer, message: EmailMessage) -> Result:
    """Hand a message to the mail server. Uncertain from the first byte of it until the server answers its end."""
    deadline = monotonic() + server.timeout.total_seconds()
    try:
        connection = _connect(server, deadline)
    except (OSError, smtplib.SMTPException) as failed:
        return Result(Outcome.DEFERRED, _short(failed))
    handed_over = False
    try:
        sender, recipient = (str(message[name].addresses[0].addr_spec) for name in ("From", "To"))
        for verb in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"):
            _hurry(connection, deadline)
            code, said = connection.docmd(verb)
            if code not in (250, 251, 354):
                return _refused(verb[:4], code, said)
        _hurry(connection, deadline)
        handed_over = True
        connection.send(re.sub(rb"(?m)^\.", b"..", message.as_bytes(policy=SMTP)) + b".\r\n")
        _hurry(connection, deadline)
        code, said = connection.getreply()
        return Result(Outcome.SENT) if code == 250 else _refused("DATA", code, said)
    except (OSError, smtplib.SMTPException) as failed:
        return Result(Outcome.UNCERTAIN if handed_over else Outcome.DEFERRED, _short(failed))
    finally:
        connection.close()


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities this machine trusts, read once: reading them takes longer than sending a message."""
    return ssl.create_default_context()


def _connect(server: MailServer, deadline: float) -> smtplib.SMTP:
    """A connection ready for mail. What goes wrong here is the server's fault, not the message's: try again later."""
    seconds = server.timeout.total_seconds() / 4
    if server.tls:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=seconds, context=_trusted())
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=seconds)
    try:
        _hurry(connection, deadline)
        if server.starttls:
            connection.starttls(context=_trusted())
        connection.ehlo_or_helo_if_needed()
        if server.user:
            _hurry(connection, deadline)
            connection.login(server.user, server.password or "")
    except (OSError, smtplib.SMTPException):
        connection.close()
        raise
    return connection


def _hurry(connection: smtplib.SMTP, deadline: float) -> None:
    left = deadline - monotonic()
    if left <= 0 or connection.sock is None:
        raise TimeoutError
    connection.sock.settimeout(left)


def _refused(where: str, code: int, said: bytes) -> Result:
    enhanced = _ENHANCED.match(said)
    reason = f"{where} {code}{' ' + enhanced.group().decode() if enhanced else ''}"
    return Result(Outcome.REFUSED if 500 <= code < 600 else Outcome.DEFERRED, reason)


def webhook(url: str, secret: bytes, delivery_id: UUID, body: bytes, now: datetime, timeout: timedelta) -> Result:
    """POST a message signed as Standard Webhooks has it. The id is the same at each attempt, so a repeat shows."""
    sent_at = str(int(now.timestamp()))
    headers = {
        "content-type": "application/json",
        "user-agent": "kmzb-notifier",
        "webhook-id": str(delivery_id),
        "webhook-timestamp": sent_at,
        "webhook-signature": f"v1,{signature(secret, str(delivery_id), sent_at, body)}",
    }
    # An environment's proxy must not see what is signed for somebody else.
    client = httpx.Client(follow_redirects=False, trust_env=False, timeout=timeout.total_seconds() / 3)
    try:
        # The answer's body is not read: nothing in it changes anything, and it may have no end.
        with client, client.stream("POST", url, content=body, headers=headers) as answer:
            code = answer.status_code
    except (httpx.HTTPError, OSError) as failed:
        return Result(Outcome.DEFERRED, _short(failed))
    if 200 <= code < 300:
        return Result(Outcome.SENT)
    again = code >= 500 or code in (408, 409, 425, 429)
    return Result(Outcome.DEFERRED if again else Outcome.REFUSED, f"HTTP {code}")


def signature(secret: bytes, message_id: str, sent_at: str, body: bytes) -> str:
    """Standard Webhooks' v1, in base64; `sent_at` in whole seconds since 1970."""
    signed = f"{message_id}.{sent_at}.".encode() + body
    return b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def recipient_secret(master: bytes, code: str) -> bytes:
    """The key one recipient's webhook is signed with, so that knowing one's own helps against nobody else."""
    return hmac.digest(master, f"webhook/{code}".encode(), hashlib.sha256)


def _short(failed: Exception) -> str:
    code = getattr(failed, "smtp_code", None)
    return f"{type(failed).__name__} {code}" if code else type(failed).__name__
