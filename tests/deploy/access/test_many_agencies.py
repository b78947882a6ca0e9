"""Agencies added in one go on a secured broker: let in, each with its own, and each reads what waits for it."""

from contextlib import closing
from pathlib import Path

import pytest
from chassis.clock import now
from chassis.kafka.messages import original_headers
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from contracts.agencies import Agency
from contracts.envelope import CONNECTION_TEST
from contracts.topics import AGENCY, OPERATORS, referral_topic
from deploy.access.brokers import rules_there, users_with_password
from deploy.access.quotas import quotas_there
from deploy.access.rules import Rule, agency_principal, agency_rules
from deploy.agencies import topics_of
from deploy.agencies.registry import read_registry
from operations.agencies.hand_over import hand_over
from support.deploy.secured_broker import Broker
from support.operations.command import Kmzb
from support.wait import eventually

from deploy.stack import topics

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]
MANY = 100


@pytest.fixture
def kmzb(broker: Broker) -> Kmzb:
    """`kmzb` as this broker's super user."""
    topics.create(broker.operators, [AGENCY], replication=1)
    told = {"BOOTSTRAP": broker.address, "USER": OPERATORS, "PASSWORD": broker.passwords[OPERATORS]}
    told["CA"] = str(broker.authority)
    return Kmzb({f"KMZB_KAFKA_{name}": value for name, value in told.items()})


def first_message(folder: Path, topic: str, group: str) -> str:
    """The type of the first message that an agency reads, with what it was handed."""
    lines = (folder / "librdkafka.properties").read_text().splitlines()
    told = dict(line.split("=", 1) for line in lines)
    told |= {"ssl.ca.location": str(folder / told["ssl.ca.location"]), "group.id": group, "log_level": "0"}
    with closing(Consumer(told)) as consumer:
        consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        message = eventually(lambda: consumer.poll(0.5), 30)
    assert message is not None
    assert message.error() is None, message.error()
    return dict(original_headers(message))["ce_type"].decode()


def test_many_agencies_are_let_in_in_one_go_and_shut_out_again(broker: Broker, kmzb: Kmzb, tmp_path: Path) -> None:
    codes = [f"guard-{number:04}" for number in range(MANY)]
    file, folder = tmp_path / "all.csv", tmp_path / "handed-over"
    file.write_text("code,name,categories\n" + "".join(f"{code},Straż {code},parking\n" for code in codes))
    kmzb("agency", "add", "--file", str(file), "--replication", "1", "--folder", str(folder))

    wanted = {rule for code in codes for rule in agency_rules("", code)}
    assert of_agencies(broker) == wanted
    users = {agency_principal("", code) for code in codes}
    assert users_with_password(broker.admin()) >= users
    assert quotas_there(broker.operators).keys() >= users
    for code in (codes[0], codes[-1]):
        assert {each.name for each in (folder / code).iterdir()} == {
            "GUIDE.md", "authority.pem", "java.properties", "librdkafka.properties", "topics.json"
        }  # fmt: skip
        assert first_message(folder / code, f"kmzb.partner.{code}.referral.v1", f"{code}.test") == CONNECTION_TEST
    assert f"{MANY} of {MANY} are there as the file says" in kmzb("agency", "add", "--file", str(file))
    refused = kmzb.refusal("agency", "add", "new", "--name", "Nowa", "--folder", str(folder))
    assert refused == f"{folder} is there already: name a new folder"

    kmzb("agency", "remove", *codes[1:])
    assert {rule.principal for rule in of_agencies(broker)} - {"casework", "notifier"} == {
        agency_principal("", codes[0])
    }
    assert users_with_password(broker.admin()) & users == {agency_principal("", codes[0])}
    assert quotas_there(broker.operators).keys() & users == {agency_principal("", codes[0])}


def test_what_an_interrupted_command_handed_over_is_gone_on_with(broker: Broker, kmzb: Kmzb, tmp_path: Path) -> None:
    folder, agency = tmp_path / "late", Agency(code="late", name="Straż", changed_at=now())
    file = tmp_path / "no-folder"
    file.touch()
    assert kmzb.code("agency", "add", "late", "--name", "Straż", "--replication", "1", "--folder", f"{file}/late") == 1
    assert read_registry(broker.operators).find("late") is None, "nobody is told of one that was handed nothing"
    hand_over_alone(broker, folder, agency)
    (folder / "GUIDE.md").unlink()
    password = (folder / "librdkafka.properties").read_text()
    kmzb("agency", "add", "late", "--name", "Straż", "--replication", "1", "--folder", str(folder))
    assert ((folder / "librdkafka.properties").read_text(), (folder / "GUIDE.md").exists()) == (password, True)
    assert first_message(folder, referral_topic("late").name, "late.test") == CONNECTION_TEST

    other = kmzb.refusal("agency", "add", "later", "--name", "Straż", "--folder", str(folder))
    assert other == f"{folder} is there already: name a new folder"


def hand_over_alone(broker: Broker, folder: Path, agency: Agency) -> None:
    """As far as a command comes that is killed before it tells of the agency."""
    topics.create(broker.operators, topics_of([agency]), replication=1)
    hand_over(broker.operators, {folder: agency})


def of_agencies(broker: Broker) -> set[Rule]:
    """The rules that speak of these agencies, theirs and the services'."""
    return {rule for rule in rules_there(broker.admin()) if "guard-" in rule.name + rule.principal}
