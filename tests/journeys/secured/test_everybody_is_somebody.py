"""The whole system on a secured Kafka: everything that works on an open one, by principals who may do nothing more."""

from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from chassis.clock import now
from chassis.kafka.client import connection
from chassis.settings import Settings
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AclOperation, AdminClient, ResourceType
from contracts.envelope import CONNECTION_TEST, encode
from contracts.events.cases import CaseAcknowledged
from contracts.events.public import PublicReport
from contracts.events.referrals import ReferralAcknowledged
from contracts.topics import (
    ANYONE,
    CASE_CHANGED,
    CONTACT,
    CONTENT,
    PUBLIC_REPORT,
    SERVICES,
    TO_REPORTER,
    TOPICS,
    Topic,
    answer_topic,
    partner_topics,
)
from deploy.access.brokers import admin_client, rules_there
from deploy.access.rules import agency_rules, service_principal, service_rules
from deploy.agencies import first_agencies
from deploy.stack.services import environment
from journeys.journey import OPOLE, Journey
from journeys.secured.agency import clocks_met, handed_over, handed_over_to, header, next_of_type, shown_to_outsider
from journeys.secured.without_topics import answered_by_printed_program, link_mailed_to
from support.notifier.agencies import Receiver, listening
from support.operations.command import Kmzb
from support.wait import eventually

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]  # the start of a system of its own
AGENCY = "straz-opole"


def of_service(journey: Journey, service: str) -> Settings:
    """What a service's clients are told, by the environment of its process."""
    return Settings.from_variables(environment(service, journey.addresses))


def test_a_report_goes_from_the_citizen_to_everyone_and_to_an_agency_and_back(
    secured: Journey, kmzb: Kmzb, tmp_path: Path
) -> None:
    folder = tmp_path / AGENCY
    words = ("agency", "add", AGENCY, "--name", "Straż Miejska", "--category", "parking", "--replication", "1")
    added = kmzb.json(*words, "--folder", str(folder))
    assert added["handed_over"]["user"] == f"secured.agency.{AGENCY}"
    sent = secured.send(*OPOLE, description="Auta stoją na trawniku.", contact={"email": "a@citizens.example"})
    secured.receipt_when(sent, lambda said: said["unit"] == "KMP-1661", 30)
    officer = secured.officer("KMP-1661", "OPO")
    referral = handed_over_to(secured, sent.report_id, officer, AGENCY)

    with closing(Consumer({**handed_over(folder), "group.id": f"secured.{AGENCY}.dispatch"})) as consumer:
        consumer.assign([TopicPartition(added["handed_over"]["reads"][0], 0, OFFSET_BEGINNING)])
        test = next_of_type(consumer, CONNECTION_TEST.rpartition(".v")[0].rpartition(".")[2] + ".v1")
        assert header(test, "ce_id") == added["handed_over"]["test_message"]
        made = next_of_type(consumer, "ReferralMade.v1")
    assert (made.key() or b"").decode() == str(sent.report_id)
    answer = ReferralAcknowledged(report_id=sent.report_id, referral_id=UUID(referral), answered_at=now())
    message = encode(answer, source=AGENCY, at=now(), event_id=uuid4(), topic=answer_topic(AGENCY))
    producer = Producer(handed_over(folder))
    producer.produce(f"secured.{message.topic}", message.value, message.key, headers=list(message.headers))
    assert producer.flush(20) == 0

    # casework hears of a topic made just now within half a minute
    eventually(lambda: sent.report_id in acknowledged(secured), 40)
    eventually(lambda: sent.report_id in clocks_met(secured), 20)
    eventually(lambda: sent.report_id in {event.report_id for event in public(secured)}, 20)


def test_an_agency_by_webhook_is_asked_and_answers_signed(secured: Journey, kmzb: Kmzb) -> None:
    sent, officer, receiver = secured.send(*OPOLE), secured.officer("KMP-1661", "OPO"), Receiver()
    with listening(receiver) as port:
        to = ("--channel", "webhook", "--contact", f"http://127.0.0.1:{port}/kmzb")
        kmzb("agency", "add", "zdm", "--name", "Zarząd Dróg", *to)
        receiver.key = kmzb.json("agency", "key", "zdm")["key"]
        referral = handed_over_to(secured, sent.report_id, officer, "zdm")
        eventually(lambda: receiver.believed, 40, what=f"a message that is believed, beside {receiver.refused}")
    (said,) = receiver.believed.values()
    assert (said["type"], said["data"]["referral_id"]) == ("ReferralMade", referral)
    about = {"report_id": str(sent.report_id), "referral_id": referral}
    url = secured.url("notifier", "/v1/agencies/zdm/answers")
    answered = answered_by_printed_program(url, receiver.key, "ReferralAcknowledged", **about)
    assert answered == {"taken": True, "ended": False}
    eventually(lambda: sent.report_id in clocks_met(secured), 40)


def test_an_agency_by_mail_is_asked_and_answers_on_the_page_behind_its_link(secured: Journey, kmzb: Kmzb) -> None:
    sent, officer = secured.send(*OPOLE), secured.officer("KMP-1661", "OPO")
    kmzb("agency", "add", "mops", "--name", "MOPS", "--channel", "email", "--contact", "dyzur@mops.example")
    handed_over_to(secured, sent.report_id, officer, "mops")
    link = link_mailed_to(secured, "dyzur@mops.example")
    assert secured.http.get(link).is_success
    assert secured.case(sent.report_id, officer).json()["referrals"][0]["acknowledged_at"] is None
    assert secured.http.post(link, data={"answer": "ReferralAcknowledged"}).is_success
    eventually(lambda: sent.report_id in clocks_met(secured), 40)
    declined = {"answer": "ReferralDeclined", "responsible_agency": "Zarząd Dróg Powiatowych"}
    assert secured.http.post(link, data=declined).is_success
    eventually(lambda: secured.case(sent.report_id, officer).json()["status"] == "confirmed", 40)
    (referral,) = secured.case(sent.report_id, officer).json()["referrals"]
    assert referral["responsible_agency"] == "Zarząd Dróg Powiatowych"


def acknowledged(journey: Journey) -> list[UUID]:
    return [event.report_id for event in journey.events(CASE_CHANGED) if isinstance(event, CaseAcknowledged)]


def public(journey: Journey) -> list[PublicReport]:
    return [event for event in journey.events(PUBLIC_REPORT) if isinstance(event, PublicReport)]


def test_an_outsiders_program_ends_with_the_map_that_everyone_is_shown(
    secured: Journey, kmzb: Kmzb, tmp_path: Path
) -> None:
    sent, joke = secured.send(*OPOLE), secured.send(*OPOLE)
    issued = kmzb.json("access", "issue", "city-guard", str(tmp_path / "guard"))

    def on_the_map() -> dict[str, dict[str, object]]:
        page = secured.http.get(secured.url("public_map", "/v1/reports.geojson")).json()
        assert page["next"] is None
        return {
            feature["id"]: {
                **feature["properties"],
                "longitude": feature["geometry"]["coordinates"][0],
                "latitude": feature["geometry"]["coordinates"][1],
            }
            for feature in page["features"]
        }

    eventually(lambda: {str(sent.report_id), str(joke.report_id)} <= on_the_map().keys(), 40)
    rejected = secured.change(joke.report_id, "reject", secured.officer("KMP-1661", "OPO"))
    assert rejected.is_success, rejected.text

    def same() -> bool:
        map_before, read = on_the_map(), shown_to_outsider(tmp_path / "guard", issued["reads"][1])
        assert map_before == on_the_map(), "it changed meanwhile: look again"
        assert read.keys() == map_before.keys()
        for report_id, report in read.items():
            assert report.items() <= map_before[report_id].items()
        return str(sent.report_id) in read and str(joke.report_id) not in read

    eventually(same, 60)


def test_operators_look_and_mend_as_the_super_user(secured: Journey, kmzb: Kmzb) -> None:
    sent = secured.send(*OPOLE)
    eventually(lambda: kmzb.code("trace", str(sent.report_id)) == 0, 40)
    secured.hold("routing")
    late = secured.send(*OPOLE)

    def stands() -> list[str]:
        return [each["service"] for each in kmzb.json("trace", str(late.report_id), ends=3)["stands"]]

    eventually(lambda: stands() == ["routing"], 30)
    traced = kmzb.json("trace", str(late.report_id), ends=3)
    [submitted] = [hop for hop in traced["hops"] if hop["what"] == "ReportSubmitted"]
    place = ("report-submitted", str(submitted["partition"]), str(submitted["offset"]), "--service", "routing", "--yes")
    eventually(lambda: kmzb.code("dead-letters", "set-aside", *place) == 0, 40)
    secured.release("routing")
    eventually(lambda: "1 dead letters" in kmzb("dead-letters", "list", "--service", "routing"), 40)
    assert "1 of 1 dead letters replayed" in kmzb("dead-letters", "replay", "routing", "--all", "--yes")
    eventually(lambda: kmzb.code("trace", str(late.report_id)) == 0, 40)
    assert "deleted" in kmzb("dead-letters", "discard", "routing", "--yes")
    eventually(lambda: kmzb.code("lag", "--over", "5") == 0, 30)
    wrong = [each for each in kmzb.json("doctor", ends=kmzb.code("doctor")) if each["state"] == "wrong"]
    assert {each["what"] for each in wrong} <= {"disk"}, wrong
    assert kmzb.json("offsets", "show", "casework")
    assert kmzb.code("reconcile", "--since", "1h") == 0
    assert kmzb.code("retention", "--dry-run") == 0


def test_a_service_that_was_killed_goes_on(secured: Journey) -> None:
    for service in ("casework", "intake", "public-map"):
        secured.hold(service)
    secured.release("casework", "intake", "public-map")
    sent = secured.send(*OPOLE)
    secured.receipt_when(sent, lambda said: said["unit"] == "KMP-1661", 40)


def test_the_brokers_allow_what_the_registry_says_and_nothing_more(secured: Journey) -> None:
    space, there = "secured.", rules_there(admin_client(secured.settings))
    agencies = {*first_agencies(), AGENCY}
    wanted = {*service_rules(space), *(rule for code in agencies for rule in agency_rules(space, code))}
    assert {rule for rule in there if AGENCY not in rule.name and AGENCY not in rule.principal} == {
        rule for rule in wanted if AGENCY not in rule.name and AGENCY not in rule.principal
    }
    assert there.keys() <= wanted
    every = (*TOPICS, *partner_topics(first_agencies()))
    for service in SERVICES:
        allowed = {(rule.name, rule.operation) for rule in there if rule.principal == service_principal(space, service)}
        for topic in every:
            for operation, who in ((AclOperation.WRITE, topic.writers), (AclOperation.READ, topic.readers)):
                assert ((space + topic.name, operation) in allowed) == (service in who), (service, topic.name)
        groups = {
            rule.name for rule in there if rule.kind is ResourceType.GROUP and (rule.name, rule.operation) in allowed
        }
        assert groups >= {f"{space}{service}", f"{space}{service}-reads"}
    assert {operation for rule in there for operation in [rule.operation]} == {AclOperation.READ, AclOperation.WRITE}
    assert {rule.principal for rule in there if rule.name == f"{space}{PUBLIC_REPORT.name}"} >= {"secured.public-map"}
    assert ANYONE in PUBLIC_REPORT.readers


FOREIGN = [("routing", CONTENT), ("sla-monitor", CONTACT), ("intake", CASE_CHANGED), ("public-map", CONTACT)]


@pytest.mark.parametrize(("service", "topic"), FOREIGN, ids=[f"{who}-{topic.name}" for who, topic in FOREIGN])
def test_a_service_neither_writes_nor_is_told_of_what_is_not_its_own(
    secured: Journey, service: str, topic: Topic
) -> None:
    name, client = f"secured.{topic.name}", {**connection(of_service(secured, service)), "log_level": 0}
    refused: list[KafkaError | None] = []
    producer = Producer({**client, "message.timeout.ms": 15_000})
    producer.produce(name, b"{}", on_delivery=lambda error, _: refused.append(error))
    producer.flush(20)
    told = AdminClient(client).list_topics(name, timeout=10).topics[name]
    errors = [error.code() if error else None for error in (*refused, told.error)]
    assert errors == [KafkaError.TOPIC_AUTHORIZATION_FAILED] * 2
    assert told.partitions == {}


@pytest.mark.parametrize(
    ("service", "topic"), [("intake", CONTENT), ("casework", TO_REPORTER)], ids=["intake", "casework"]
)
def test_a_service_does_not_read_what_it_writes_for_others(secured: Journey, service: str, topic: Topic) -> None:
    client = {**connection(of_service(secured, service)), "log_level": 0, "group.id": f"secured.{service}-reads"}
    with closing(Consumer(client)) as consumer:
        consumer.assign([TopicPartition(f"secured.{topic.name}", 0, OFFSET_BEGINNING)])

        def heard() -> int | None:
            message = consumer.poll(0.5)
            said = message.error() if message else None
            return said.code() if said else None

        assert eventually(heard, 30) == KafkaError.TOPIC_AUTHORIZATION_FAILED
