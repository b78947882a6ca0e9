"""An agency's own programs, with nothing but what it was handed; and the officers who hand it a threat."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from chassis.clock import now
from chassis.kafka.messages import original_headers
from confluent_kafka import Consumer, Message
from contracts.events.clocks import Clock, ClockStopped
from contracts.topics import CLOCK
from journeys.journey import Journey
from support.wait import eventually

PAGE = Path(__file__).resolve().parents[3] / "docs" / "subscribing.md"


def handed_over(folder: Path) -> dict[str, str]:
    """The configuration an agency was handed, as librdkafka reads it there."""
    lines = (folder / "librdkafka.properties").read_text().splitlines()
    told = dict(line.split("=", 1) for line in lines)
    return {**told, "ssl.ca.location": str(folder / told["ssl.ca.location"]), "log_level": "0"}


def next_of_type(consumer: Consumer, name: str) -> Message:
    """The next message whose type ends so."""

    def found() -> Message | None:
        message = consumer.poll(0.5)
        if message is None:
            return None
        assert message.error() is None, message.error()
        return message if header(message, "ce_type").endswith(name) else None

    message = eventually(found, 40, what=name)
    assert message is not None
    return message


def header(message: Message, name: str) -> str:
    return dict(original_headers(message))[name].decode()


def shown_to_outsider(folder: Path, topic: str) -> dict[str, Any]:
    """What the program in docs/subscribing.md, which is none of ours, makes of the public topic from offset 0 on."""
    code, _ = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    told = handed_over(folder)
    access = {
        "security_protocol": told["security.protocol"],
        "sasl_mechanism": told["sasl.mechanism"],
        "sasl_plain_username": told["sasl.username"],
        "sasl_plain_password": told["sasl.password"],
        "ssl_cafile": told["ssl.ca.location"],
    }
    program = f"{code}\nimport sys\naccess = json.load(sys.stdin)\n"
    program += "print(json.dumps(read_public_reports(*sys.argv[1:], **access)))"
    argv = [sys.executable, "-c", program, told["bootstrap.servers"], topic]
    done = subprocess.run(argv, input=json.dumps(access), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    shown: dict[str, Any] = json.loads(done.stdout)
    return shown


def confirmed(journey: Journey, report_id: UUID, officer: Mapping[str, str]) -> None:
    """The officers' way to a confirmed case."""
    eventually(lambda: journey.case(report_id, officer).is_success)
    for what, body in (
        ("take-up", {}),
        ("checks", {"checked_at": now().isoformat(), "finding": "found"}),
        ("confirm", {}),
    ):
        changed = journey.change(report_id, what, officer, **body)
        assert changed.is_success, changed.text


def handed_over_to(journey: Journey, report_id: UUID, officer: Mapping[str, str], agency: str) -> str:
    """The referral of a report that the officer confirmed and referred."""
    confirmed(journey, report_id, officer)
    # casework hears of an agency added just now within seconds
    eventually(lambda: journey.change(report_id, "refer", officer, agency=agency).is_success, 30)
    referral: str = journey.case(report_id, officer).json()["referrals"][0]["referral_id"]
    return referral


def clocks_met(journey: Journey) -> list[UUID]:
    """The reports whose acknowledgement came in time."""
    stops = [event for event in journey.events(CLOCK) if isinstance(event, ClockStopped)]
    return [stop.report_id for stop in stops if (stop.clock, stop.outcome) == (Clock.ACKNOWLEDGEMENT, "met")]
