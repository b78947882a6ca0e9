"""How much an agency may ask of a broker, and for how long it is believed."""

from secrets import token_bytes, token_hex
from time import monotonic

import pytest
from confluent_kafka import KafkaError, Producer, ThrottleEvent
from contracts.topic import AGENCY_QUOTA
from contracts.topics import CASE_CHANGED, CASEWORK, OPERATORS, referral_topic
from deploy.access.brokers import put_passwords, put_rules, take_passwords
from deploy.access.quotas import put_quotas, quotas_there, take_quotas
from deploy.access.rules import agency_principal, agency_rules
from support.deploy.secured_broker import ANSWER, GUARD, OTHER, Broker, write
from support.wait import eventually

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]
REAUTH_SECONDS = 6.0
"""For how long this file's broker believes what somebody said once."""
WINDOW_SECONDS = 10
"""Over so many the brokers take the mean."""


def throttled(broker: Broker, user: str, topic: str) -> list[float]:
    """For how long, in seconds, a writer of three times what an agency may write was told to wait."""
    waits: list[float] = []

    def told(event: ThrottleEvent) -> None:
        waits.append(event.throttle_time)

    producer = Producer({**broker.as_user(user), "throttle_cb": told})
    for _ in range(3 * WINDOW_SECONDS):
        producer.produce(topic, token_bytes(AGENCY_QUOTA["producer_byte_rate"]))
        producer.poll(0)
    assert producer.flush(90) == 0, "what is over the quota comes late; it is not lost"
    return [wait for wait in waits if wait > 0]


def test_who_writes_too_much_waits_and_nobody_else_does(broker: Broker) -> None:
    put_quotas(broker.operators, [GUARD])
    assert quotas_there(broker.operators) == {GUARD: {key: float(value) for key, value in AGENCY_QUOTA.items()}}
    assert throttled(broker, GUARD, ANSWER)
    assert throttled(broker, CASEWORK, CASE_CHANGED.name) == throttled(broker, OPERATORS, CASE_CHANGED.name) == []
    take_quotas(broker.operators, [GUARD])
    assert quotas_there(broker.operators) == {}


def test_quotas_of_thousands_are_set_in_one_go(broker: Broker) -> None:
    many = [agency_principal("", f"many-{number}") for number in range(2500)]
    put_quotas(broker.operators, many)
    assert quotas_there(broker.operators).keys() >= set(many)
    take_quotas(broker.operators, many)


def test_a_connection_ends_by_itself_once_its_password_is_taken(broker: Broker) -> None:
    admin = broker.admin()
    broker.passwords[OTHER] = token_hex(16)
    put_passwords(admin, {OTHER: broker.passwords[OTHER]})
    put_rules(admin, agency_rules("", "other"))  # and they stay: it is the password alone that is taken
    topic = referral_topic("other").name
    assert write(broker, OPERATORS, topic) is None
    errors: list[KafkaError] = []
    client = Producer({**broker.as_user(OTHER), "error_cb": errors.append})
    assert topic in client.list_topics(timeout=10).topics
    take_passwords(admin, [OTHER])
    taken = monotonic()

    def shut_out() -> bool:
        client.poll(0.1)
        return any(error.code() == KafkaError._AUTHENTICATION for error in errors)

    eventually(shut_out, REAUTH_SECONDS + 5)
    assert monotonic() - taken < REAUTH_SECONDS + 5
