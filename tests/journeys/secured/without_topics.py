"""Agencies without a Kafka client: by the program printed in the documentation, and by the link in a mail."""

import json
import re
import subprocess
import sys
from typing import Any

from deploy.mailbox import messages
from journeys.journey import Journey
from journeys.secured.agency import PAGE
from support.wait import eventually


def answered_by_printed_program(url: str, key: str, kind: str, **data: str) -> dict[str, Any]:
    """What the program in docs/subscribing.md gets for an answer, run as it stands there."""
    _, code = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    program = f"{code}\nimport sys\ntold = json.load(sys.stdin)\nprint(json.dumps(answer_referral(**told)))"
    told = json.dumps({"url": url, "key": key, "kind": kind, **data})
    done = subprocess.run([sys.executable, "-c", program], input=told, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def link_mailed_to(journey: Journey, address: str) -> str:
    """The link to answer by in the mail to an agency, once it has come."""

    def link() -> str | None:
        mails = [mail for mail in messages(journey.system.root / "mail") if mail["To"] == address]
        found = [re.search(r"http\S+/v1/referral-answers/\S+", mail.get_content()) for mail in mails]
        return next((match[0] for match in found if match), None)

    return eventually(link, 40, what=f"a mail to {address}") or ""
