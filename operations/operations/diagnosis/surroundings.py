"""What services stand among: each other, the mail server, whoever signs officers' tokens, this machine's disk."""

import shutil
import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from chassis import clock
from chassis.health import healthy
from deploy.stack.services import SERVICES, url_variable

from operations.diagnosis.findings import Finding, judged, unknown, wrong

_ANSWER_SECONDS = 5.0
SKEW_SECONDS = 2.0
CERTIFICATE_DAYS = 21
FREE_SHARE, FREE_BYTES = 0.1, 2e9
_SMTP, _JWKS = "KMZB_NOTIFIER_SMTP_URL", "KMZB_CASEWORK_JWKS_URL"


def services(addresses: Mapping[str, str]) -> Iterator[Finding]:
    """Whether each service says that it is ready, and what time it is there."""
    for service in SERVICES:
        url = addresses.get(url_variable(service))
        if not url:
            yield unknown(service, f"{url_variable(service)} is not set here")
        elif not healthy(f"{url}/readyz"):
            alive = healthy(f"{url}/livez")
            why = "lives and waits for what it needs: its log says for what" if alive else "does not answer"
            yield wrong(service, f"{why} at {url}")
        else:
            skew = _skew(urlsplit(url))
            faults = [
                f"its clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} this machine's: look at NTP"
            ]
            yield from judged(service, faults if abs(skew) > SKEW_SECONDS else [], f"is ready at {url}")


def mail(addresses: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the mail server takes connections, and for how long its certificate is good. Sends nothing."""
    if not addresses.get(_SMTP):
        yield unknown("mail server", f"{_SMTP} is not set here")
        return
    address = urlsplit(addresses[_SMTP])
    host, port = address.hostname or "", address.port or (465 if address.scheme == "smtps" else 25)
    try:
        if address.scheme == "smtps":
            yield from _certificate("mail server's certificate", host, port)
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_ANSWER_SECONDS)
        else:
            server = smtplib.SMTP(host, port, timeout=_ANSWER_SECONDS)
        with server:
            code, _ = server.noop()
    except (OSError, smtplib.SMTPException) as failed:
        yield wrong(
            "mail server", f"does not answer at {host}:{port}: {failed}. Notices wait and are tried for 20 hours"
        )
        return
    yield from judged(
        "mail server", [] if code == 250 else [f"answers {code} at {host}:{port}"], f"answers at {host}:{port}"
    )


def sign_in(addresses: Mapping[str, str]) -> Iterator[Finding]:
    """Whether casework can ask for the keys that sign officers' tokens."""
    url = addresses.get(_JWKS)
    if not url:
        yield unknown("officers' sign-in", f"{_JWKS} is not set here")
        return
    if urlsplit(url).scheme == "https":
        yield from _certificate("issuer's certificate", urlsplit(url).hostname or "", urlsplit(url).port or 443)
        faults = [] if _answers(urlsplit(url)) else [f"the keys of the issuer can't be had at {url}"]
    else:
        faults = [] if healthy(url) else [f"the keys of the issuer can't be had at {url}: no officer signs in anew"]
    yield from judged("officers' sign-in", faults, f"the issuer's keys are at {url}")


def disk(folder: Path) -> Iterator[Finding]:
    """Whether there is room below a folder of this machine; others' disks are seen by their own monitoring."""
    if not folder.exists():
        yield unknown("disk", "the servers' disks are not seen from here: watch them where they are")
        return
    usage = shutil.disk_usage(folder)
    short = usage.free < max(FREE_SHARE * usage.total, FREE_BYTES)
    left = f"{usage.free / 1e9:,.1f} GB of {usage.total / 1e9:,.1f} GB are free below {folder}"
    yield from judged("disk", [f"{left}: PostgreSQL and the brokers stop when it is full"] if short else [], left)


def _skew(url: SplitResult) -> float:
    """How far a service's clock is ahead of this one, by its answer's Date, which knows whole seconds; 0 if unknown."""
    connection = HTTPConnection(url.hostname or "", url.port or 80, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/livez")
        said = connection.getresponse().getheader("Date")
    except (OSError, HTTPException):
        return 0.0
    finally:
        connection.close()
    return (parsedate_to_datetime(said) - clock.now()).total_seconds() if said else 0.0


def _answers(url: SplitResult) -> bool:
    connection = HTTPSConnection(url.hostname or "", url.port or 443, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", url.path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _certificate(what: str, host: str, port: int) -> Iterator[Finding]:
    """Until when a server's certificate is good; one that nobody should trust is said to be so. Raises OSError."""
    try:
        with (
            socket.create_connection((host, port), _ANSWER_SECONDS) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
        ):
            certificate = secured.getpeercert() or {}
    except ssl.SSLError as refused:
        yield wrong(what, f"{host}:{port} is not trusted: {refused.reason or refused}")
        return
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    left = (ends - clock.now()).days
    faults = [f"ends in {left} days, on {ends:%Y-%m-%d}: renew it"] if left < CERTIFICATE_DAYS else []
    yield from judged(what, faults, f"is good until {ends:%Y-%m-%d}")
