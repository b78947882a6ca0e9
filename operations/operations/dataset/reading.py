"""Reads casework's word on every case from the log, which is kept for ever."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from chassis.kafka.client import topic_name
from chassis.kafka.messages import Newer, Received, raw_message, read_message
from chassis.settings import Settings
from confluent_kafka import OFFSET_BEGINNING
from contracts.envelope import Unusable
from contracts.events.cases import CaseChange
from contracts.topics import CASE_CHANGED
from deploy.stack.process import StackError

from operations.topic_reader import read_partitions

PARTITIONS = CASE_CHANGED.partitions


@dataclass(slots=True)
class Log:
    """The topic of cases; `unreadable` has where messages stand that nobody can use."""

    settings: Settings
    unreadable: list[str] = field(default_factory=list)

    def changes(self, partition: int) -> Iterator[CaseChange]:
        """Every change on a partition, which has all of each report that is on it. Raises StackError.

        Of a newer writer's change its base says all that is asked here.
        """
        name = topic_name(self.settings, CASE_CHANGED.name)
        for message in read_partitions(self.settings, {(name, partition): OFFSET_BEGINNING}):
            raw = raw_message(self.settings, message)
            match read_message(raw):
                case Received(event=CaseChange() as change) | Newer(base=Received(event=CaseChange() as change)):
                    yield change
                case Newer(why=why):
                    raise StackError(f"{raw.where} can't be read by this release of kmzb ({why}): take a newer one")
                case Received() | Unusable():
                    self.unreadable.append(raw.where)
