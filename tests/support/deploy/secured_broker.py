"""A secured broker, and speaking to it as somebody."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.kafka.client import connection
from chassis.settings import Settings
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from contracts.topics import OPERATORS, answer_topic, referral_topic
from deploy.access.certificates import Authority
from deploy.access.rules import agency_principal
from support.wait import eventually

GUARD, OTHER = agency_principal("", "guard"), agency_principal("", "other")
REFERRAL, ANSWER = referral_topic("guard").name, answer_topic("guard").name


@dataclass
class Broker:
    """A secured broker, and how to speak to it as somebody."""

    address: str
    controller: int
    signer: Authority
    authority: Path
    passwords: dict[str, str]
    pid: int = 0

    @property
    def operators(self) -> Settings:
        password = self.passwords[OPERATORS]
        return Settings(
            kafka_bootstrap=self.address, kafka_user=OPERATORS, kafka_password=password, kafka_ca=self.authority
        )

    def as_user(self, user: str, **other: Any) -> dict[str, Any]:
        given = {"kafka_user": user, "kafka_password": self.passwords.get(user, "?"), "kafka_ca": self.authority}
        return {**connection(Settings(kafka_bootstrap=self.address, **{**given, **other})), "log_level": 0}

    def admin(self) -> AdminClient:
        return AdminClient(self.as_user(OPERATORS))


def answers(admin: AdminClient) -> bool:
    try:
        return bool(admin.list_topics(timeout=3).brokers)
    except KafkaException:
        return False


def write(broker: Broker, user: str, topic: str, **other: Any) -> KafkaError | None:
    """Why a message was not taken; None where it was."""
    said: list[KafkaError | None] = []
    producer = Producer({**broker.as_user(user, **other), "message.timeout.ms": 15_000})
    producer.produce(topic, b"{}", on_delivery=lambda error, _: said.append(error))
    producer.flush(20)
    return said[0]


def heard(consumer: Consumer) -> list[int]:
    """The next that is heard: a message, which is none, or the code of an error."""

    def polled() -> list[list[int]]:
        message = consumer.poll(0.5)
        error = message.error() if message else None
        return [[error.code()] if error else []] if message else []

    return eventually(polled, 30)[0]


def denied(consumer: Consumer) -> bool:
    """Whether, sooner or later, it is not let read any further."""
    return eventually(lambda: heard(consumer) == [KafkaError.TOPIC_AUTHORIZATION_FAILED], 40)


def reader(broker: Broker, user: str, topic: str) -> Consumer:
    group = {GUARD: "guard.dispatch", OTHER: "other.dispatch"}.get(user, user)
    consumer = Consumer({**broker.as_user(user), "group.id": group, "auto.offset.reset": "earliest"})
    consumer.assign([TopicPartition(topic, 0, 0)])
    return consumer
