"""Where mail is handed in, from its address in the settings."""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server. `tls` from the first byte, `starttls` before the login; we greet it as `greets_as`."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool
    starttls: bool
    greets_as: str


def parse_mail_server(url: str, greets_as: str) -> MailServer:
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
        greets_as=greets_as,
    )
