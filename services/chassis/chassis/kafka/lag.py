"""How far a consumer is behind, in messages and in seconds, how many dead letters wait, and whether it stands still."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from time import monotonic

import structlog
from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, KafkaError, KafkaException, Message, TopicPartition
from contracts.topics import DEAD_LETTERS, Topic, agency_of, topic_named

from chassis.clock import now
from chassis.kafka.client import client_settings, topic_name
from chassis.settings import Settings
from chassis.telemetry import DEAD_LETTER_DEPTH, LAG_MESSAGES, LAG_SECONDS

log = structlog.get_logger()
Partition = tuple[str, int]
_DEPTH_SECONDS = 30.0


class Ends:
    """Asks the brokers how far partitions go: in 1 to 5 ms, where an administrator's client takes 60."""

    def __init__(self, settings: Settings, service: str) -> None:
        self._settings, self._service = settings, service
        self._client: Consumer | None = None
        self._connecting: Consumer | None = None

    def last(self, partitions: Iterable[Partition]) -> dict[Partition, int] | None:
        """The offset that each partition's next message will have; None while the brokers don't say."""
        with suppress(KafkaException):
            return self.offsets(partitions, OFFSET_END)
        return None

    def offsets(self, partitions: Iterable[Partition], which: int = OFFSET_BEGINNING) -> dict[Partition, int]:
        """Where each partition begins, or ends (`OFFSET_END`). Raises KafkaException while the brokers don't say."""
        if not (wanted := [TopicPartition(*partition, which) for partition in partitions]):
            return {}
        try:
            self._client = client = self._client or self._connected(wanted[0].topic)  # another thread may leave it
            answers = client.offsets_for_times(wanted, timeout=3)
            if failed := next((answer.error for answer in answers if answer.error), None):
                raise KafkaException(failed)
            return {(answer.topic, answer.partition): answer.offset for answer in answers}
        except KafkaException as failure:
            self._client = None  # after a broker's return it would ask with the leaders of before for minutes
            log.warning("offsets not known", error=str(failure.args[0]))
            raise

    def _connected(self, topic: str) -> Consumer:
        """A client that has reached a broker: it asked for one topic, as a list of thousands may not come in time.

        One that has not yet goes on with it: begun anew each time, a handshake of more than these seconds never ends,
        and each costs the brokers most when they have least.
        """
        # It subscribes to nothing, so it never joins the group a consumer has to name.
        settings = {**client_settings(self._settings, self._service), "group.id": "none"}
        self._connecting = client = self._connecting or Consumer(settings)
        client.list_topics(topic, timeout=3)
        self._connecting = None
        return client


class StandStill:
    """Tells a client that fetches nothing any more from one for which there is nothing.

    With each answer a broker says how far the partition goes, so a client that goes on asking hears of every end.
    """

    def __init__(self, seconds: float = 15.0) -> None:
        self._seconds = seconds
        self._unheard: dict[Partition, tuple[int, float]] = {}

    def check(self, consumer: Consumer, ends: Mapping[Partition, int] | None, emptied_at: float) -> None:
        """Raises KafkaException, after which a worker begins again, where one of these ends was not heard of so long.

        `emptied_at` is when it last had nothing left to be handled: with too much of that a client rightly waits.
        """
        before, self._unheard = self._unheard, {}
        for partition, end in (ends or {}).items():
            _, heard = consumer.get_watermark_offsets(TopicPartition(*partition), cached=True)
            seen, since = before.get(partition, (end, monotonic()))
            if heard < seen:
                self._unheard[partition] = seen, since
                if emptied_at - since > self._seconds:
                    raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"stands still: {partition}, {heard}<{end}"))


class Lag:
    """What one consumer leaves waiting. `topics` are those it reads by name, by their names on the cluster."""

    def __init__(self, settings: Settings, service: str, topics: Mapping[str, Topic]) -> None:
        self._service, self._namespace, self._topics = service, settings.namespace, topics
        self.ends = Ends(settings, service)
        letters = DEAD_LETTERS[service.partition(".")[0]]  # a region's instances and the nation's have one topic
        self._letters = [(topic_name(settings, letters.name), number) for number in range(letters.partitions)]
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
        ends = self.ends.last(following)
        if ends is None:
            return None
        self._count_letters()
        behind = {partition: max(0, end - following[partition]) for partition, end in ends.items()}
        # Nothing waited before this instant; where something waits at the first look, it is the best there is.
        before = {partition: self._handled_until.get(partition, asked_at) for partition in behind}
        self._handled_until = {
            partition: before[partition] if waiting else asked_at for partition, waiting in behind.items()
        }
        late_of: dict[str, list[Partition]] = {topic.name: [] for topic in self._topics.values()}
        for partition, waiting in behind.items():
            late_of.setdefault(_series(partition[0].removeprefix(self._namespace)), []).extend(
                [partition] * bool(waiting)
            )
        for name, late in late_of.items():
            seconds = max((asked_at - before[partition] for partition in late), default=0.0)
            LAG_MESSAGES.labels(self._service, name).set(sum(behind[partition] for partition in late))
            LAG_SECONDS.labels(self._service, name).set(seconds)
        return behind

    def _count_letters(self) -> None:
        if monotonic() - self._depth_at < _DEPTH_SECONDS:
            return
        self._depth_at = monotonic()
        if last := self.ends.last(self._letters):
            with suppress(KafkaException):
                DEAD_LETTER_DEPTH.labels(self._service).set(sum(last.values()) - sum(self.ends.offsets(last).values()))


def _series(name: str) -> str:
    """What a topic is called in metrics: those of all agencies are one, or there would be thousands."""
    topic = topic_named(name)
    agency = agency_of(topic) if topic else None
    return name.replace(f".{agency}.", ".*.") if agency else name
