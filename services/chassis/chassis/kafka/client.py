"""Kafka clients with the settings that were measured, and writing to topics."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic
from typing import Any

import structlog
from confluent_kafka import Consumer, Message, Producer
from confluent_kafka import KafkaError as KafkaError
from confluent_kafka import KafkaException as KafkaException
from contracts.envelope import Outgoing
from contracts.topic import COMPRESSION

from chassis.settings import Settings

log = structlog.get_logger()
Acknowledged = Callable[[KafkaError | None, Message], None]


def topic_name(settings: Settings, name: str) -> str:
    """A topic's name on the cluster: the registry's, behind the namespace of this system."""
    return settings.namespace + name


def connection(settings: Settings) -> dict[str, Any]:
    """Where the brokers are, and who we are to them: a user over TLS, a certificate, or nobody."""
    how: dict[str, Any] = {"bootstrap.servers": settings.kafka_bootstrap}
    if settings.kafka_ca:
        how |= {"security.protocol": "SSL", "ssl.ca.location": str(settings.kafka_ca)}
    if settings.kafka_certificate:
        how |= {
            "ssl.certificate.location": str(settings.kafka_certificate),
            "ssl.key.location": str(settings.kafka_key),
        }
    if settings.kafka_user:
        how |= {"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512"}
        how |= {"sasl.username": settings.kafka_user, "sasl.password": settings.kafka_password.get_secret_value()}
    return how


def client_settings(settings: Settings, service: str) -> dict[str, Any]:
    """What every client of a service is configured with, by librdkafka's names."""
    return {
        **connection(settings),
        "client.id": f"{settings.namespace}{service}",
        "allow.auto.create.topics": False,  # a misspelt name must not make a topic
        "socket.keepalive.enable": True,
        "socket.nagle.disable": True,
        # librdkafka would write every failed connection to stderr, in lines of its own; this says it once, as ours are.
        "log_level": 2,
        "reconnect.backoff.max.ms": 2_000,
        "error_cb": _BrokersAwayWarning(),
    }


class _BrokersAwayWarning:
    """Says that the brokers are away, a client once a minute: it tries again several times a second."""

    def __init__(self) -> None:
        self._silent_until = 0.0

    def __call__(self, error: KafkaError) -> None:
        if error.fatal() or (error.code() == KafkaError._ALL_BROKERS_DOWN and monotonic() > self._silent_until):
            self._silent_until = monotonic() + 60
            log.warning("kafka", error=str(error), fatal=error.fatal())


def producer(settings: Settings, service: str, **overrides: Any) -> Producer:
    """An idempotent producer that waits for every required replica. Keys land where JVM clients would put them."""
    return Producer(
        {
            **client_settings(settings, service),
            "enable.idempotence": True,
            "acks": "all",
            "partitioner": "murmur2_random",
            "compression.codec": COMPRESSION,
            # The quickest level: against the default a third less of the processor, and 3 to 30 % larger.
            "compression.level": 1,
            "message.max.bytes": 9 * 1024 * 1024,
            "queue.buffering.max.kbytes": 64 * 1024,  # the default, 1 GiB, ends a container before it is noticed
            "linger.ms": 1,
            "delivery.timeout.ms": 20_000,
            **overrides,
        }
    )


def connect(client: Producer | Consumer) -> None:
    """Connect now: a client by itself would do so half a second after it is first used. Gives up after two seconds."""
    with suppress(KafkaException):
        client.list_topics(timeout=2.0)


def send(to: Producer, settings: Settings, message: Outgoing, on_delivery: Acknowledged) -> None:
    """Hand one message to the client; when its queue is full, wait until there is room."""
    while True:
        try:
            to.produce(
                topic_name(settings, message.topic),
                key=message.raw_key,
                value=message.value,
                headers=list(message.headers),
                on_delivery=on_delivery,
            )
        except BufferError:
            to.poll(0.1)
        else:
            return


class Publisher:
    """Writes messages and returns once the log has every one of them. For one thread."""

    def __init__(self, settings: Settings, service: str, **overrides: Any) -> None:
        self._settings = settings
        self._producer = producer(settings, service, **overrides)
        connect(self._producer)

    def publish(self, messages: Iterable[Outgoing]) -> None:
        """Raises KafkaException when any is not acknowledged; then nothing may be taken for written."""
        errors: list[KafkaError] = []
        waiting = 0

        def acknowledged(error: KafkaError | None, _: Message) -> None:
            nonlocal waiting
            waiting -= 1
            if error is not None:
                errors.append(error)

        for message in messages:
            waiting += 1
            send(self._producer, self._settings, message, acknowledged)
        while waiting:
            self._producer.poll(0.5)
        if errors:
            raise KafkaException(errors[0])
