"""Reads the development mailbox: every mail that arrived, and which reports it is about."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from uuid import UUID

from deploy.mailbox import text

from faults.ledger import Mail

CASE_NUMBER = re.compile(r"\b[A-Z]{3}-\d{2}-\d{6}-[0-9A-Z]\b")
REPORT = re.compile(r"/v1/cases/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def mails(folder: Path) -> Iterator[Mail]:
    """Each mail in a Maildir, with when its file was written."""
    parser = BytesParser(policy=policy.default)
    for file in [*(folder / "new").glob("*"), *(folder / "cur").glob("*")]:
        message = parser.parsebytes(file.read_bytes())
        assert isinstance(message, EmailMessage)  # what that policy makes
        words = text(message)
        yield Mail(
            at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
            message_id=str(message["Message-ID"]).strip("<>"),
            to=str(message["To"]),
            subject=str(message["Subject"]),
            sha=hashlib.sha256(f"{message['Subject']}\n{words}".encode()).hexdigest()[:16],
            reports=tuple(sorted({UUID(found) for found in REPORT.findall(words)})),
            cases=tuple(sorted(set(CASE_NUMBER.findall(words)))),
        )
