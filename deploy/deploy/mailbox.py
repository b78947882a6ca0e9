"""A mail server for development: it takes every message and keeps it as a file, so that what was sent can be read.

python -m deploy.mailbox FOLDER PORT [ADDRESS]
"""

import mailbox
import signal
import sys
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox


def messages(folder: Path) -> Iterator[EmailMessage]:
    """What has arrived, oldest first."""
    files = [*(folder / "new").glob("*"), *(folder / "cur").glob("*")]
    parser = BytesParser(policy=policy.default)
    for file in sorted(files, key=lambda file: (file.stat().st_mtime_ns, file.name)):
        message = parser.parsebytes(file.read_bytes())
        assert isinstance(message, EmailMessage)
        yield message


def text(message: EmailMessage) -> str:
    """What a person would read first."""
    body = message.get_body(("plain", "html"))
    return body.get_content() if body else ""


def main() -> None:
    """Take mail until stopped."""
    arguments = sys.argv[1:]
    if len(arguments) not in (2, 3) or not arguments[1].isdigit():
        sys.exit(__doc__)
    folder, port = Path(arguments[0]), int(arguments[1])
    host = arguments[2] if len(arguments) > 2 else "127.0.0.1"
    mailbox.Maildir(folder, create=True)
    server = Controller(Mailbox(folder), hostname=host, port=port)
    server.start()
    print(f"keeping every message under {folder}", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    server.stop()


if __name__ == "__main__":
    main()
