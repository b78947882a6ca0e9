"""The services' consumer groups as the brokers know them: who reads what with one, how far it is, whether it runs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chassis.kafka.client import client_settings, topic_name
from chassis.kafka.lag import Ends
from chassis.settings import Settings
from confluent_kafka import (
    OFFSET_END,
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from contracts.topics import (
    AGENCY,
    DISTRICT,
    HEARTBEATS,
    INTAKE,
    OPERATORS,
    PUBLIC_REPORT,
    SERVICES,
    TOPICS,
    Topic,
    agency_of,
    topic_named,
)
from deploy.stack.process import StackError

MEMBERED = tuple(service for service in SERVICES if service != INTAKE)
"""The services that read as a group. Intake reads its own reports of a day at each start, without one."""
_READ_WHOLE = (DISTRICT, AGENCY, PUBLIC_REPORT)
_SECONDS = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Position:
    """How far a service is on one partition: `committed` None where it never was there.

    `first` is the oldest message there is, `end` where the next one will stand. `note` is what the service keeps
    beside the offset (docs/decisions/0041).
    """

    service: str
    topic: Topic
    partition: int
    first: int
    committed: int | None
    end: int
    note: str = ""

    @property
    def next(self) -> int:
        """The offset it handles next."""
        return self.first if self.committed is None else max(self.first, self.committed)

    @property
    def waiting(self) -> int:
        """How many messages it has not handled, as offsets count."""
        return max(0, self.end - self.next)

    @property
    def lost(self) -> int:
        """How many offsets it never handled and never will, because they were deleted before."""
        return max(0, self.first - self.committed) if self.committed is not None and not self.topic.compacted else 0


def system_topics(settings: Settings) -> list[Topic]:
    """Every topic of the registry, and those of agencies that there are. Raises KafkaException."""
    there = admin_client(settings).list_topics(timeout=_SECONDS).topics
    named = (
        topic_named(name.removeprefix(settings.namespace)) for name in there if name.startswith(settings.namespace)
    )
    return [*TOPICS, *(topic for topic in named if topic and agency_of(topic))]


def topics_read(settings: Settings, member: str) -> list[Topic]:
    """The topics a member reads as a group, agencies' answers among them. Raises KafkaException."""
    service = service_of(member)
    elsewhere = _READ_WHOLE if member == service else (*_READ_WHOLE, *HEARTBEATS.values())
    return [topic for topic in system_topics(settings) if service in topic.readers and topic not in elsewhere]


def service_of(member: str) -> str:
    """The service of a member: what stands before the name of a region's instance, `casework.wroclaw`."""
    return member.partition(".")[0]


def positions(settings: Settings, service: str, read: Sequence[Topic]) -> list[Position]:
    """Where a service stands on every partition of topics. Raises KafkaException; StackError for a missing topic."""
    admin = admin_client(settings)  # answers come for as long as it lives
    _require_topics(admin, settings, read)
    wanted = [(topic, number) for topic in read for number in range(topic.partitions)]
    places = [(topic_name(settings, topic.name), number) for topic, number in wanted]
    request = ConsumerGroupTopicPartitions(group_id(settings, service), [TopicPartition(*place) for place in places])
    committed = {}
    for answer in admin.list_consumer_group_offsets([request], request_timeout=_SECONDS).values():
        for known in answer.result().topic_partitions:
            committed[known.topic, known.partition] = known
    ends = Ends(settings, OPERATORS)
    first, last = ends.offsets(places), ends.offsets(places, OFFSET_END)
    found = []
    for (topic, number), place in zip(wanted, places, strict=True):
        known = committed.get(place)
        offset = known.offset if known and known.offset >= 0 else None
        note = (known.metadata or "") if known else ""
        found.append(Position(service, topic, number, first[place], offset, last[place], note))
    return found


def running_members(settings: Settings, member: str) -> int:
    """How many processes are in a member's group. Raises KafkaException."""
    return len(client_names(settings, member))


def client_names(settings: Settings, member: str) -> list[str]:
    """What the processes in a member's group call themselves. Raises KafkaException."""
    admin = admin_client(settings)
    (answer,) = admin.describe_consumer_groups([group_id(settings, member)], request_timeout=_SECONDS).values()
    try:
        described = answer.result()
    except KafkaException as failed:
        if failed.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND:
            return []
        raise
    found = [] if described.state is ConsumerGroupState.DEAD else described.members
    return [each.client_id.removeprefix(settings.namespace) for each in found]


def require_stopped(settings: Settings, service: str) -> None:
    """Raises StackError while instances of the service are in its group."""
    if count := running_members(settings, service):
        raise StackError(
            f"{service} runs: {count} in its group. Stop every instance of it (on a stack of `kmzb up`: kmzb stop"
            f" {service}), and say this again; one that was killed counts for some seconds more"
        )


def commit(settings: Settings, service: str, offsets: Iterable[tuple[Position, int]]) -> None:
    """Have a service that is stopped go on from other offsets. Raises StackError when it runs."""
    admin = admin_client(settings)
    places = [
        TopicPartition(topic_name(settings, position.topic.name), position.partition, offset)
        for position, offset in offsets
    ]
    request = ConsumerGroupTopicPartitions(group_id(settings, service), places)
    (answer,) = admin.alter_consumer_group_offsets([request], request_timeout=_SECONDS).values()
    try:
        refused = [place.error for place in answer.result().topic_partitions if place.error]
    except KafkaException as failed:
        refused = [failed.args[0]]
    if refused:
        require_stopped(settings, service)
        raise StackError(f"{service}'s offsets could not be changed: {refused[0].str()}")


def group_id(settings: Settings, service: str) -> str:
    """The name of a service's group on the cluster."""
    return f"{settings.namespace}{service}"


def admin_client(settings: Settings) -> AdminClient:
    """A client for what operators ask of the brokers."""
    return AdminClient(client_settings(settings, OPERATORS))


def _require_topics(admin: AdminClient, settings: Settings, read: Sequence[Topic]) -> None:
    there = admin.list_topics(timeout=_SECONDS).topics
    if missing := [topic.name for topic in read if topic_name(settings, topic.name) not in there]:
        raise StackError(
            f"the brokers have no topic {', '.join(missing)}: run `kmzb setup`, or is KMZB_NAMESPACE right?"
        )
