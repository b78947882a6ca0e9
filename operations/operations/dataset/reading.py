"""Reads casework's word on every case, and what was imported, from the log, which is kept for ever."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from chassis.kafka.client import topic_name
from chassis.kafka.messages import Newer, Received, raw_message, read_message
from chassis.settings import Settings
from confluent_kafka import OFFSET_BEGINNING
from contracts.envelope import Unusable
from contracts.events.cases import CaseChange
from contracts.events.public import ReportImported
from contracts.topics import CASE_CHANGED, HISTORY
from deploy.stack.process import StackError
from public_map.domain.precision import State

from operations.topic_reader import read_partitions

PARTITIONS = CASE_CHANGED.partitions


@dataclass(slots=True)
class Log:
    """The topics of cases and of history; `unreadable` has where messages stand that nobody can use."""

    settings: Settings
    unreadable: list[str] = field(default_factory=list)

    def changes(self, partition: int) -> Iterator[State]:
        """Every change on a partition, which has all of each report that is on it. Raises StackError.

        Of a newer writer's change its base says all that is asked here.
        """
        names = [topic_name(self.settings, topic.name) for topic in (CASE_CHANGED, HISTORY)]
        for message in read_partitions(self.settings, {(name, partition): OFFSET_BEGINNING for name in names}):
            raw = raw_message(self.settings, message)
            match read_message(raw):
                case Received(event=event) | Newer(base=Received(event=event)) if isinstance(
                    event, CaseChange | ReportImported
                ):
                    yield event
                case Newer(why=why):
                    raise StackError(f"{raw.where} can't be read by this release of kmzb ({why}): take a newer one")
                case Received() | Unusable():
                    self.unreadable.append(raw.where)
