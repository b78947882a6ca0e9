"""The topic of agencies as it stands, and writing to it."""

import threading
from collections.abc import Iterable
from uuid import NAMESPACE_URL, uuid5

from chassis.kafka.client import KafkaError, KafkaException, Publisher
from chassis.kafka.messages import received
from chassis.kafka.reader import read_from_start
from chassis.settings import Settings
from contracts.agencies import Agencies, Agency
from contracts.envelope import Outgoing, Unusable, encode
from contracts.topics import AGENCY, OPERATORS

READ_SECONDS = 30.0


def read_registry(settings: Settings, seconds: float = READ_SECONDS) -> Agencies:
    """Every agency there is or was; what can't be read is passed over, as its readers do.

    Raises KafkaException where the topic is not read to its end in time.
    """
    stop, agencies = threading.Event(), Agencies()
    timer = threading.Timer(seconds, stop.set)
    timer.start()
    try:
        for message in read_from_start(settings, OPERATORS, AGENCY, stop):
            if message is None:
                return agencies
            try:
                read = received(settings, message)
            except Unusable:
                continue
            agencies.apply(read.key, read.event)
    finally:
        timer.cancel()
    raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"{AGENCY.name} was not read in {seconds:.0f} s"))


def messages_of(agencies: Iterable[Agency]) -> list[Outgoing]:
    """What is written of agencies. Raises ValueError for one that readers would not take."""
    return [
        encode(
            agency,
            source=OPERATORS,
            at=agency.changed_at,
            event_id=uuid5(NAMESPACE_URL, f"kmzb/agency/{agency.code}/{agency.changed_at.isoformat()}"),
        )
        for agency in agencies
    ]


def publish_agencies(settings: Settings, agencies: Iterable[Agency]) -> None:
    """Write agencies as they are now, all of them or an error. Raises KafkaException, and ValueError as above."""
    if messages := messages_of(agencies):
        Publisher(settings, OPERATORS).publish(messages)


def publish_missing(settings: Settings, first: Iterable[Agency]) -> int:
    """Write those of the first agencies of a system that nobody has said anything of; gives how many."""
    known = read_registry(settings)
    missing = [agency for agency in first if known.find(agency.code) is None]
    publish_agencies(settings, missing)
    return len(missing)
