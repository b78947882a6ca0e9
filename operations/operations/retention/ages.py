"""How old what stands on each topic is, beside how long the registry keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.kafka.client import topic_name
from chassis.kafka.lag import Ends
from chassis.settings import Settings
from confluent_kafka import OFFSET_END
from contracts.topics import OPERATORS, Topic

from operations.consumption.groups import Position
from operations.consumption.lags import Lag, lags

# Brokers delete whole segments, and one is closed after a week at the latest.
SEGMENT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Age:
    """What stands on a topic: how many messages at most, and the age of the oldest in seconds, None without any."""

    topic: Topic
    messages: int
    oldest: float | None

    @property
    def kept(self) -> str:
        """For how long, in words."""
        if self.topic.compacted:
            return "the newest of each key"
        return f"{self.topic.retention.total_seconds() / 86_400:g} days" if self.topic.retention else "for ever"

    @property
    def overdue(self) -> bool:
        """Whether something stands there that the brokers should have deleted."""
        limit = self.topic.retention
        return limit is not None and self.oldest is not None and self.oldest > (limit + SEGMENT).total_seconds()


def ages(settings: Settings, topics: Sequence[Topic], at: datetime) -> list[Age]:
    """The age of what stands on each topic. Raises KafkaException."""
    places = [(topic, number) for topic in topics for number in range(topic.partitions)]
    names = [(topic_name(settings, topic.name), number) for topic, number in places]
    ends = Ends(settings, OPERATORS)
    first, last = ends.offsets(names), ends.offsets(names, OFFSET_END)
    stand = [
        Position(OPERATORS, topic, number, first[name], None, last[name])
        for (topic, number), name in zip(places, names, strict=True)
    ]
    found: dict[str, list[Lag]] = {topic.name: [] for topic in topics}
    for lag in lags(settings, stand, at):
        if lag.position.waiting:
            found[lag.position.topic.name].append(lag)
    return [
        Age(
            topic,
            sum(lag.position.waiting for lag in found[topic.name]),
            max((lag.seconds for lag in found[topic.name]), default=None),
        )
        for topic in topics
    ]
