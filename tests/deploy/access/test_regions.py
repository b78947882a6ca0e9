"""A region's own services are users of their own: each in its own groups alone, on a real secured broker."""

from contextlib import closing
from secrets import token_hex

import pytest
from confluent_kafka import Consumer, KafkaError
from contracts.topics import CASE_CHANGED, CASEWORK
from deploy.access.brokers import put_passwords, put_rules
from deploy.access.rules import region_rules
from support.deploy.secured_broker import REFERRAL, Broker, heard, write

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]
OWN, MONITOR, OTHER = "casework.wroclaw", "sla-monitor.wroclaw", "casework.krakow"


@pytest.fixture(scope="module")
def regions(broker: Broker) -> Broker:
    broker.passwords |= {user: token_hex(16) for user in (OWN, MONITOR, OTHER)}
    put_passwords(broker.admin(), {user: broker.passwords[user] for user in (OWN, MONITOR, OTHER)})
    put_rules(broker.admin(), [*region_rules("", "wroclaw"), *region_rules("", "krakow")])
    return broker


def joined(broker: Broker, user: str, group: str) -> list[int]:
    settings = {
        **broker.as_user(user),
        "group.id": group,
        "group.protocol": "consumer",
        "auto.offset.reset": "earliest",
    }
    with closing(Consumer(settings)) as consumer:
        consumer.subscribe([CASE_CHANGED.name])
        return heard(consumer)


def test_each_joins_its_own_group_alone(regions: Broker) -> None:
    assert write(regions, OWN, CASE_CHANGED.name) is None
    assert joined(regions, MONITOR, MONITOR) == []
    for user, group in ((OWN, OTHER), (OWN, CASEWORK), (CASEWORK, OWN)):
        assert joined(regions, user, group) == [KafkaError.GROUP_AUTHORIZATION_FAILED], (user, group)


def test_each_writes_what_its_service_writes_alone(regions: Broker) -> None:
    for user, topic in ((MONITOR, CASE_CHANGED.name), (OWN, REFERRAL)):
        refused = write(regions, user, topic)
        assert refused is not None
        assert refused.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
