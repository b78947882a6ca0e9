"""The log of one system: write messages to it, and wait until what follows from them is there."""

from collections.abc import Iterable, Sequence

from chassis.kafka.client import Publisher, client_settings, topic_name
from chassis.settings import Settings
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from contracts.envelope import Outgoing
from contracts.topics import Topic
from deploy.stack.process import wait_until

from bench.core.cpu import MeasurementError
from deploy.stack import topics as cluster

_PAUSE = 0.02


class Log:
    """Topics and groups in one namespace of a cluster."""

    def __init__(self, bootstrap: str, namespace: str) -> None:
        self.settings = Settings(kafka_bootstrap=bootstrap, namespace=namespace)
        self._admin = AdminClient(client_settings(self.settings, "bench"))
        self._publisher: Publisher | None = None

    def create(self, *topics: Topic) -> None:
        """Make topics that are missing."""
        cluster.create(self.settings, topics, replication=1)

    def publish(self, messages: Iterable[Outgoing]) -> None:
        """Write them, and return once the log has every one."""
        self._publisher = self._publisher or Publisher(self.settings, "bench")
        self._publisher.publish(messages)

    def ends(self, topics: Sequence[Topic]) -> dict[tuple[str, int], int]:
        """The end of every partition, by (topic's name on the cluster, partition)."""
        wanted = {
            TopicPartition(topic_name(self.settings, topic.name), number): OffsetSpec.latest()
            for topic in topics
            for number in range(topic.partitions)
        }
        found = self._admin.list_offsets(wanted, request_timeout=10)
        return {(at.topic, at.partition): future.result().offset for at, future in found.items()}

    def count(self, topic: Topic) -> int:
        """How many messages were ever written to a topic."""
        return sum(self.ends([topic]).values())

    def wait_for(self, topic: Topic, count: int, seconds: float = 600) -> None:
        """Wait until so many messages were written to a topic. Raises MeasurementError when that takes too long."""
        if not wait_until(lambda: self.count(topic) >= count, seconds, _PAUSE):
            raise MeasurementError(f"{topic.name} has {self.count(topic)} of {count} messages after {seconds:g} s")

    def wait_handled(self, service: str, topics: Sequence[Topic], seconds: float = 600) -> None:
        """Wait until a service has handled and committed all there is on these topics. Raises MeasurementError."""
        if not wait_until(lambda: self.lag(service, topics) == 0, seconds, _PAUSE):
            raise MeasurementError(f"{service} is {self.lag(service, topics)} messages behind after {seconds:g} s")

    def lag(self, service: str, topics: Sequence[Topic]) -> int:
        """How many messages of these topics a service has not committed yet."""
        ends = self.ends(topics)
        group = ConsumerGroupTopicPartitions(f"{self.settings.namespace}{service}")
        (future,) = self._admin.list_consumer_group_offsets([group], request_timeout=10).values()
        committed = {(at.topic, at.partition): max(at.offset, 0) for at in future.result().topic_partitions or []}
        return sum(end - committed.get(partition, 0) for partition, end in ends.items())
