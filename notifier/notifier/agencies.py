"""The agencies referrals are handed to, followed on their topic; and waiting for one that is on its way there."""

import threading
from collections.abc import Sequence
from time import monotonic

from chassis.health import Health
from chassis.kafka.messages import Received
from chassis.kafka.reader import follow
from chassis.settings import Settings
from contracts.agencies import Agencies
from contracts.events.cases import CaseReferred
from contracts.topics import AGENCY, NOTIFIER

_WAIT_SECONDS = 10.0


def follow_agencies(settings: Settings, agencies: Agencies, health: Health, stop: threading.Event) -> None:
    """A worker that reads the topic from its beginning and goes on reading."""
    follow(settings, NOTIFIER, AGENCY, health, lambda message: agencies.apply(message.key, message.event), stop)


def await_agencies(agencies: Agencies, batch: Sequence[Received], seconds: float = _WAIT_SECONDS) -> None:
    """Wait a while for agencies of a batch that are not known yet: casework knew them, so their topic has them."""
    asked = [message.event.agency for message in batch if isinstance(message.event, CaseReferred)]
    deadline, pause = monotonic() + seconds, threading.Event()
    while not all(map(agencies.find, asked)) and monotonic() < deadline:
        pause.wait(0.05)
