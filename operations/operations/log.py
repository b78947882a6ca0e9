"""Reads what stands on topics from somewhere to now, without joining a group."""

from collections.abc import Iterator, Mapping
from time import monotonic

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition
from deploy.stack.process import StackError

SILENCE_SECONDS = 10.0


def messages(bootstrap: str, name: str, partitions: int) -> list[Message]:
    """Every message of a topic, by time."""
    starts = {(name, number): OFFSET_BEGINNING for number in range(partitions)}
    return sorted(messages_from(bootstrap, starts), key=lambda message: message.timestamp()[1])


def messages_from(bootstrap: str, starts: Mapping[tuple[str, int], int]) -> Iterator[Message]:
    """What stands on each (topic, partition) from an offset on, in order within it. Raises StackError.

    An offset that is no longer there stands for the first one that is.
    """
    settings = {"bootstrap.servers": bootstrap, "group.id": "kmzb-reads", "enable.partition.eof": True}
    settings |= {"enable.auto.commit": False, "auto.offset.reset": "earliest", "log_level": 2}
    settings["fetch.wait.max.ms"] = 20  # nothing new is waited for; with the default an end is known a second later
    with Consumer(settings) as reader:
        reader.assign([TopicPartition(*place, offset) for place, offset in starts.items()])
        unread, heard_at = set(starts), monotonic()
        while unread:
            first = reader.poll(1.0)  # consume alone would wait until it has as many as it may
            batch = [first, *reader.consume(500, 0)] if first else []
            if batch:
                heard_at = monotonic()
            elif monotonic() - heard_at > SILENCE_SECONDS:
                raise StackError(f"{bootstrap} does not answer for {min(unread)[0]}")
            for message in batch:
                error = message.error()
                if error is None:
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:
                    unread.discard((str(message.topic()), message.partition() or 0))
                else:
                    raise StackError(f"{message.topic() or bootstrap}: {error.str()}")
