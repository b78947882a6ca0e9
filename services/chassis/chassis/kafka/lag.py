"""How far a consumer is behind, in messages and in seconds, and how many dead letters wait for an operator."""

from collections.abc import Iterable, Mapping
from time import monotonic

import structlog
from confluent_kafka import KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from contracts.topics import DEAD_LETTERS, Topic

from chassis.clock import now
from chassis.kafka.client import client_settings, topic_name
from chassis.settings import Settings
from chassis.telemetry import DEAD_LETTER_DEPTH, LAG_MESSAGES, LAG_SECONDS

log = structlog.get_logger()
Partition = tuple[str, int]
_DEPTH_SECONDS = 30.0


class Lag:
    """What one consumer leaves waiting. `topics` are those it reads, by their names on the cluster."""

    def __init__(self, settings: Settings, service: str, topics: Mapping[str, Topic]) -> None:
        self._settings, self._service, self._topics = settings, service, topics
        self._admin: AdminClient | None = None
        letters = topic_name(settings, DEAD_LETTERS[service].name)
        self._letters = [(letters, number) for number in range(DEAD_LETTERS[service].partitions)]
        self._handled_until: dict[Partition, float] = {}
        self._depth_at = float("-inf")

    def handled(self, partition: Partition, message: Message) -> None:
        """What waits there now is younger than this message."""
        self._handled_until[partition] = max(self._handled_until.get(partition, 0.0), message.timestamp()[1] / 1000)

    def behind(self, following: Mapping[Partition, int]) -> dict[Partition, int] | None:
        """How many messages of each partition wait; None while the brokers don't say.

        `following` holds the next offset to be handled, of the assigned partitions.
        """
        asked_at = now().timestamp()
        try:
            self._admin = self._admin or self._connected()
            ends = _offsets(self._admin, following, OffsetSpec.latest())
            self._count_letters(self._admin)
        except KafkaException as failed:
            self._admin = None  # after a broker's return it would ask with the leaders of before for minutes
            log.warning("offsets not known", error=str(failed.args[0]))
            return None
        behind = {partition: max(0, end - following[partition]) for partition, end in ends.items()}
        # Nothing waited before this instant; where something waits at the first look, it is the best there is.
        before = {partition: self._handled_until.get(partition, asked_at) for partition in behind}
        self._handled_until = {
            partition: before[partition] if waiting else asked_at for partition, waiting in behind.items()
        }
        for name, topic in self._topics.items():
            late = [partition for partition, waiting in behind.items() if waiting and partition[0] == name]
            seconds = max((asked_at - before[partition] for partition in late), default=0.0)
            LAG_MESSAGES.labels(self._service, topic.name).set(sum(behind[partition] for partition in late))
            LAG_SECONDS.labels(self._service, topic.name).set(seconds)
        return behind

    def _connected(self) -> AdminClient:
        """A client that knows the leaders; asked for offsets at once, a new one often waits for them in vain."""
        admin = AdminClient(client_settings(self._settings, self._service))
        admin.list_topics(timeout=3)
        return admin

    def _count_letters(self, admin: AdminClient) -> None:
        if monotonic() - self._depth_at < _DEPTH_SECONDS:
            return
        self._depth_at = monotonic()
        first, end = (_offsets(admin, self._letters, spec) for spec in (OffsetSpec.earliest(), OffsetSpec.latest()))
        DEAD_LETTER_DEPTH.labels(self._service).set(sum(end.values()) - sum(first.values()))


def _offsets(admin: AdminClient, partitions: Iterable[Partition], which: OffsetSpec) -> dict[Partition, int]:
    wanted = {TopicPartition(*partition): which for partition in partitions}
    answers = admin.list_offsets(wanted, request_timeout=3) if wanted else {}
    return {(partition.topic, partition.partition): answer.result().offset for partition, answer in answers.items()}
