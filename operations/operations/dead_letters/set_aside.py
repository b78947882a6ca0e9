"""Having a service set the message aside that it stands at: said to it in its group's committed offset."""

from time import monotonic, sleep

from chassis.kafka.client import topic_name
from chassis.kafka.tries import SET_ASIDE
from chassis.settings import Settings
from confluent_kafka import OFFSET_BEGINNING, ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from contracts.topics import Topic
from deploy.stack.process import StackError

from operations.consumption.groups import admin_client, group_id
from operations.topic_reader import read_partitions

_RETRY_SECONDS = 0.1
# What the broker answers while the group has members: only they may commit then.
_GROUP_IN_USE = {KafkaError.UNKNOWN_MEMBER_ID, KafkaError.STALE_MEMBER_EPOCH, KafkaError.ILLEGAL_GENERATION}
_GROUP_IN_USE |= {KafkaError.NON_EMPTY_GROUP, KafkaError.REBALANCE_IN_PROGRESS}


def find_position(settings: Settings, member: str, topic: Topic, partition: int) -> int | None:
    """The offset of the message that the member would handle next; None where it has handled everything."""
    wanted = TopicPartition(topic_name(settings, topic.name), partition)
    request = ConsumerGroupTopicPartitions(group_id(settings, member), [wanted])
    admin = admin_client(settings)  # answers come for as long as it lives
    (answer,) = admin.list_consumer_group_offsets([request]).values()
    (committed,) = answer.result().topic_partitions
    start = committed.offset if committed.offset >= 0 else OFFSET_BEGINNING
    for message in read_partitions(settings, {(wanted.topic, partition): start}):
        return message.offset()
    return None


def have_set_aside(settings: Settings, member: str, topic: Topic, partition: int, offset: int, wait: float) -> None:
    """Have the member set a message aside when it next reads the partition from there.

    Only while the group has no members can that be said: asked again for `wait` seconds, so that it succeeds between
    two starts of a service that ends again and again. Raises StackError when the group always had members.
    """
    place = TopicPartition(topic_name(settings, topic.name), partition, offset, metadata=SET_ASIDE)
    deadline, admin = monotonic() + wait, admin_client(settings)
    while True:
        request = ConsumerGroupTopicPartitions(group_id(settings, member), [place])
        (answer,) = admin.alter_consumer_group_offsets([request]).values()
        try:
            (done,) = answer.result().topic_partitions
            error = done.error
        except KafkaException as failed:
            error = failed.args[0]
        if error is None:
            return
        if error.code() not in _GROUP_IN_USE:
            raise StackError(f"{member}'s offsets could not be changed: {error.str()}")
        if monotonic() > deadline:
            raise StackError(f"{member} runs, or its end is not noticed yet: stop it, wait a minute, say it again")
        sleep(_RETRY_SECONDS)
