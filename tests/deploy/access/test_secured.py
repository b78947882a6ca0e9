"""A secured broker: who may do what, and what becomes of those who may not; with the rules of the registry."""

import socket
import ssl
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from secrets import token_hex

import pytest
from chassis.clock import now
from chassis.settings import Settings, load
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from contracts.agencies import Agency, AgencyState
from contracts.topics import AGENCY, CASE_CHANGED, CASEWORK, OPERATORS, PUBLIC_REPORT, referral_topic
from deploy.access.brokers import put_passwords, put_rules, take_passwords, take_rules
from deploy.access.certificates import new_authority
from deploy.access.rules import agency_principal, agency_rules
from deploy.agencies.registry import publish_agencies
from operations.cli import app
from support.deploy.secured_broker import ANSWER, GUARD, OTHER, REFERRAL, Broker, denied, heard, reader, write
from support.wait import eventually
from typer.testing import CliRunner

pytestmark = pytest.mark.long


@pytest.mark.timeout(240)  # the start of a broker of its own
def test_an_agency_reads_its_own_topic_and_what_is_public_and_writes_its_answers(broker: Broker) -> None:
    for topic in (REFERRAL, PUBLIC_REPORT.name):
        assert write(broker, OPERATORS, topic) is None
        with closing(reader(broker, GUARD, topic)) as consumer:
            assert heard(consumer) == []
    assert write(broker, GUARD, ANSWER) is None
    with closing(reader(broker, CASEWORK, ANSWER)) as consumer:
        assert heard(consumer) == []


@pytest.mark.parametrize("topic", [referral_topic("other").name, CASE_CHANGED.name])
def test_an_agency_is_told_nothing_of_any_other_topic(broker: Broker, topic: str) -> None:
    told = AdminClient(broker.as_user(GUARD)).list_topics(topic, timeout=10).topics[topic]
    assert told.error is not None
    assert (told.error.code(), told.partitions) == (KafkaError.TOPIC_AUTHORIZATION_FAILED, {})
    all_it_sees = AdminClient(broker.as_user(GUARD)).list_topics(timeout=10).topics
    assert set(all_it_sees) == {REFERRAL, ANSWER, PUBLIC_REPORT.name}


def test_an_agency_does_not_read_where_it_answers(broker: Broker) -> None:
    with closing(reader(broker, GUARD, ANSWER)) as consumer:
        assert denied(consumer)


@pytest.mark.parametrize("topic", [REFERRAL, PUBLIC_REPORT.name, CASE_CHANGED.name])
def test_an_agency_writes_where_it_answers_alone(broker: Broker, topic: str) -> None:
    refused = write(broker, GUARD, topic)
    assert refused is not None
    assert refused.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED


def test_an_agency_joins_groups_below_its_code_alone(broker: Broker) -> None:
    settings = {**broker.as_user(GUARD), "group.id": CASEWORK, "group.protocol": "consumer"}
    with closing(Consumer(settings)) as consumer:
        consumer.subscribe([REFERRAL])
        assert heard(consumer) == [KafkaError.GROUP_AUTHORIZATION_FAILED]


@pytest.mark.parametrize("other", [{"kafka_password": "wrong"}, {"kafka_user": "nobody"}])
def test_whom_the_brokers_do_not_know_they_do_not_hear(broker: Broker, other: dict[str, str]) -> None:
    errors: list[KafkaError] = []
    settings = {**broker.as_user(GUARD, **other), "error_cb": errors.append}
    with pytest.raises(KafkaException):
        AdminClient(settings).list_topics(timeout=8)
    client = Producer(settings)
    eventually(lambda: client.poll(0.2) is not None and any(e.code() == KafkaError._AUTHENTICATION for e in errors))


def test_a_broker_whose_certificate_somebody_else_signed_is_told_no_password(broker: Broker, tmp_path: Path) -> None:
    stranger = new_authority(tmp_path, now() - timedelta(minutes=1)).file
    with pytest.raises(KafkaException):
        AdminClient(broker.as_user(GUARD, kafka_ca=stranger)).list_topics(timeout=5)


def greets(broker: Broker, certificate: tuple[Path, Path]) -> bool:
    """Whether a listener that asks for certificates goes on listening to whom this one is of."""
    context = ssl.create_default_context(cafile=str(broker.authority))
    context.load_cert_chain(*certificate)
    plain = socket.create_connection(("127.0.0.1", broker.controller), 10)
    with plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as secured:
        secured.settimeout(3)
        try:
            return bool(secured.recv(1))
        except TimeoutError:
            return True  # it waits for a request
        except (ssl.SSLError, ConnectionError):
            return False


def test_a_certificate_is_believed_until_it_expires(broker: Broker, tmp_path: Path) -> None:
    began = now() - timedelta(hours=2)
    assert greets(broker, broker.signer.sign(tmp_path, "valid", began))
    assert not greets(broker, broker.signer.sign(tmp_path, "expired", began, timedelta(hours=1)))


def test_operators_put_the_rules_there_and_hand_an_agency_what_it_connects_with(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = Agency(code="named", name="Straż Miejska", changed_at=now())
    gone = Agency(code="gone", name="Zarząd Dróg", changed_at=now(), state=AgencyState.REMOVED)
    topics = (AGENCY.name, referral_topic("named").name)
    admin = broker.admin()
    for answer in admin.create_topics([NewTopic(name, 1, 1) for name in topics]).values():
        answer.result()
    put_passwords(admin, {agency_principal("", "gone"): "gone"})
    environment = {"BOOTSTRAP": broker.address, "USER": OPERATORS, "CA": str(broker.authority)}
    for name, value in {**environment, "PASSWORD": broker.passwords[OPERATORS]}.items():
        monkeypatch.setenv(f"KMZB_KAFKA_{name}", value)
    publish_agencies(load(Settings, OPERATORS), [named, gone])

    applied = CliRunner().invoke(app, ["access", "apply"])
    assert applied.exit_code == 0, applied.output
    with pytest.raises(KafkaException):
        AdminClient(broker.as_user(agency_principal("", "gone"), kafka_password="gone")).list_topics(timeout=5)
    refused = CliRunner().invoke(app, ["access", "issue", "gone", str(tmp_path / "gone")])
    assert (refused.exit_code, (tmp_path / "gone").exists()) == (1, False)
    issued = CliRunner().invoke(app, ["access", "issue", "named", str(tmp_path / "named")])
    assert issued.exit_code == 0, issued.output

    handed = dict(
        line.split("=", 1) for line in (tmp_path / "named" / "librdkafka.properties").read_text().splitlines() if line
    )
    handed["ssl.ca.location"] = str(tmp_path / "named" / handed["ssl.ca.location"])
    assert write(broker, OPERATORS, topics[1]) is None
    with closing(Consumer({**handed, "group.id": "named.dispatch", "log_level": 0})) as consumer:
        consumer.assign([TopicPartition(topics[1], 0, 0)])
        assert heard(consumer) == []
    assert (tmp_path / "named" / "librdkafka.properties").stat().st_mode & 0o077 == 0


@pytest.mark.timeout(120)
def test_what_a_removed_agency_has_open_reads_no_further(broker: Broker) -> None:
    admin, gone = broker.admin(), OTHER
    broker.passwords[gone] = token_hex(16)
    put_passwords(admin, {gone: broker.passwords[gone]})
    put_rules(admin, agency_rules("", "other"))
    topic = referral_topic("other").name
    assert write(broker, OPERATORS, topic) is None
    with closing(reader(broker, gone, topic)) as consumer:
        assert heard(consumer) == []
        take_rules(admin, [gone])
        take_passwords(admin, [gone])
        assert denied(consumer)
    with pytest.raises(KafkaException):
        AdminClient(broker.as_user(gone)).list_topics(timeout=5)
