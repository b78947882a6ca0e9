"""A small batch that unpacks into very much: the broker does not take it where strangers write."""

from collections.abc import Callable

from chassis.kafka.client import topic_name
from chassis.settings import Settings
from confluent_kafka import KafkaError, Producer
from contracts.topics import answer_topic

TOPIC = answer_topic("city-guard")
VALUE = bytes(900_000)


def test_a_batch_of_an_agency_that_unpacks_into_hundreds_of_megabytes_is_refused(
    settings: Settings, topics: Callable[..., None]
) -> None:
    topics(TOPIC)
    name, failed = topic_name(settings, TOPIC.name), list[KafkaError | None]()
    packed = {"compression.codec": "gzip", "compression.level": 9, "batch.size": 2_000_000_000, "linger.ms": 3_000}
    many = {"queue.buffering.max.kbytes": 1_000_000, "batch.num.messages": 300, "message.max.bytes": 1_000_000_000}
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap, "log_level": 2, **packed, **many})
    for _ in range(300):
        producer.produce(name, VALUE, partition=0, on_delivery=lambda error, _: failed.append(error))
    assert producer.flush(60) == 0
    assert {error and error.code() for error in failed} == {KafkaError.MSG_SIZE_TOO_LARGE}
    producer.produce(name, b"x" * 30_000, partition=0)
    assert producer.flush(20) == 0
