"""Reading a topic as it stands."""

from threading import Event

from chassis.kafka.reader import read_from_start
from chassis.settings import Settings
from confluent_kafka import Message
from contracts.topics import Topic


def everything_on(settings: Settings, topic: Topic) -> list[Message]:
    """Every message that was on the topic when it was asked for."""
    found = []
    for message in read_from_start(settings, "test-reader", topic, Event()):
        if message is None:
            break
        found.append(message)
    return found
