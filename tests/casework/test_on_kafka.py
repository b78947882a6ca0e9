"""The whole service on real Kafka: its workers in this process, its API in front of the same database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event
from typing import Any

import pytest
from casework.api.application import application
from casework.api.auth import TokenVerifier
from casework.api.dependencies import Dependencies
from casework.app import TOPICS, workers
from casework.districts import Districts
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.messages import original_headers
from chassis.kafka.reader import read_from_start
from chassis.postgres import Database
from chassis.settings import Settings
from contracts.agencies import Agencies
from contracts.envelope import Envelope, Outgoing, decode
from contracts.events.cases import CaseChange, CaseOpened, CaseReferred
from contracts.events.districts import District, DistrictSet, Level, district_set_sha256
from contracts.events.referrals import ReferralClosed
from contracts.events.reports import ErasureRequested, ReportContent
from contracts.examples import examples
from contracts.policy.terms import policy
from contracts.statuses import Status
from contracts.topics import (
    AGENCY,
    CASE_CHANGED,
    CASEWORK,
    CONTENT,
    DEAD_LETTERS,
    DISTRICT,
    PROGRESS,
    Topic,
    answer_topic,
    partner_topics,
)
from deploy.agencies.registry import publish_agencies
from fastapi.testclient import TestClient
from objects.storage import Objects
from prometheus_client import generate_latest
from support.agencies import AGENCIES
from support.casework.officers import AUDIENCE, ISSUER, Issuer
from support.casework.openings import routed, submitted
from support.effects import running
from support.events import OPOLE, SUBMITTED, outgoing, report_id
from support.stack.databases import Clone
from support.wait import eventually

WRITTEN = (CASE_CHANGED, CONTENT, DEAD_LETTERS[CASEWORK])


class Service:
    """Casework as it runs, and what goes in and comes out."""

    def __init__(self, settings: Settings, clone: Clone, issuer: Issuer, photos: Objects) -> None:
        assert clone.api is not None
        self.photos = photos
        self.settings, self.issuer, self.sender = settings, issuer, Publisher(settings, "test")
        self.database, self.officers = Database(clone.service), Database(clone.api)
        self.written: dict[str, list[Outgoing]] = {topic.name: [] for topic in WRITTEN}

    @contextmanager
    def running(self) -> Iterator[TestClient]:
        health, districts = Health("consumer", "district", "agency"), Districts()
        for messages in self.written.values():
            messages.clear()
        readers = [partial(self._read, topic) for topic in WRITTEN]
        given = Dependencies(
            database=self.officers,
            verifier=TokenVerifier(self.issuer.url, ISSUER, AUDIENCE),
            districts=districts,
            agencies=Agencies(),
            checks_needed=2,
            terms=policy(),
            photos=self.photos,
            health=health,
        )
        everything = workers(self.settings, self.database, given).values()
        with running(*everything, *readers) as failures, TestClient(application(given)) as client:
            eventually(lambda: client.get("/readyz").status_code == 200)
            yield client
        assert not failures

    def publish(self, *what: Outgoing) -> None:
        self.sender.publish(what)

    def changes(self) -> list[CaseChange]:
        return [envelope.data for envelope in self.envelopes(CASE_CHANGED) if isinstance(envelope.data, CaseChange)]

    def has_opened(self, number: int) -> bool:
        return any(change.report_id == report_id(number) for change in self.changes())

    def envelopes(self, topic: Topic) -> list[Envelope]:
        return [
            decode(message.headers, message.value) for message in self.written[topic.name] if message.value is not None
        ]

    def close(self) -> None:
        self.database.close()
        self.officers.close()

    def _read(self, topic: Topic, stop: Event) -> None:
        for message in read_from_start(self.settings, "test", topic, stop):
            if message is not None:
                key = (message.key() or b"").decode()
                self.written[topic.name].append(Outgoing(topic.name, key, original_headers(message), message.value()))


@pytest.fixture
def service_on_kafka(
    settings: Settings, topics: Callable[..., None], clone: Clone, issuer: Issuer, photos: Objects
) -> Iterator[Service]:
    topics(*TOPICS, *partner_topics(AGENCIES), CASE_CHANGED, PROGRESS, DISTRICT, AGENCY, DEAD_LETTERS[CASEWORK])
    publish_agencies(settings, AGENCIES.values())
    service = Service(settings, clone, issuer, photos)
    yield service
    service.close()


def boundaries() -> list[Outgoing]:
    members = [
        District(garrison="OPO", version="1", code=code, level=Level.UNIT, name=name)
        for code, name in ((OPOLE.unit, OPOLE.unit_name), ("KPP-1601", "Komenda Powiatowa Policji w Brzegu"))
    ]
    digest = district_set_sha256(members)
    whole = DistrictSet(garrison="OPO", version="1", count=2, sha256=digest, valid_from=SUBMITTED)
    return [outgoing(event) for event in [*members, whole]]


def test_a_report_becomes_a_case_that_officers_and_agencies_work(service_on_kafka: Service) -> None:
    service = service_on_kafka
    me = service.issuer.signed_in("coordinator", OPOLE.unit, "OPO")
    service.publish(*boundaries())
    with service.running() as client:
        open_a_case(service)
        referred = work_until_referred(service, client, me)
        closed = ReferralClosed(report_id=report_id(1), referral_id=referred.referral_id, answered_at=SUBMITTED)
        close_and_erase(service, client, me, closed)
        eventually(
            lambda: 'kmzb_casework_changes_total{change="CaseOpened",garrison="OPO"}' in generate_latest().decode()
        )

    # Down and up again, with everything said a second time: nothing is published twice.
    service.publish(outgoing(routed()), outgoing(submitted()), outgoing(closed, topic=answer_topic("city-guard")))
    with service.running() as client:
        service.publish(outgoing(submitted(2)), outgoing(routed(2)))
        eventually(lambda: len(service.changes()) == 6)
        assert [change.version for change in service.changes()] == [1, 2, 3, 4, 5, 1]
        answer = client.post(
            f"/v1/cases/{report_id(2)}/transfer",
            json={"to": "KPP-1601", "reason": "leży w Brzegu"},
            headers=me | {"If-Match": '"1"'},
        )
        assert answer.status_code == 200, answer.text
        eventually(lambda: service.changes()[-1].owner.unit == "KPP-1601")


def open_a_case(service: Service) -> None:
    service.publish(
        outgoing(routed()),
        outgoing(ReportContent(report_id=report_id(1), description="słowa")),
        outgoing(submitted(), submitted_at=SUBMITTED),
    )
    eventually(lambda: service.changes())
    opening = service.envelopes(CASE_CHANGED)[0]
    assert isinstance(opening.data, CaseOpened)
    assert opening.submitted_at == submitted().submitted_at


def work_until_referred(service: Service, client: TestClient, me: dict[str, str]) -> CaseReferred:
    steps: list[tuple[str, Any]] = [("take-up", None), ("confirm", None), ("refer", {"agency": "city-guard"})]
    for version, (action, body) in enumerate(steps, start=1):
        headers = me | {"If-Match": f'"{version}"'}
        answer = client.post(f"/v1/cases/{report_id(1)}/{action}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
    eventually(lambda: len(service.changes()) == 4)
    referred = service.changes()[3]
    assert isinstance(referred, CaseReferred)
    return referred


def close_and_erase(service: Service, client: TestClient, me: dict[str, str], closed: ReferralClosed) -> None:
    service.publish(outgoing(closed, topic=answer_topic("railways"), event_id=report_id(100)))  # was never asked
    service.publish(outgoing(closed, topic=answer_topic("city-guard")))
    service.publish(outgoing(ErasureRequested(report_id=report_id(1), said_at=SUBMITTED)))
    eventually(lambda: len(service.changes()) == 5)
    assert service.changes()[4].status is Status.ELIMINATED
    eventually(lambda: [message.value for message in service.written[CONTENT.name]][1:] == [None])
    eventually(lambda: client.get(f"/v1/cases/{report_id(1)}", headers=me).json()["words"]["erased"])
    eventually(lambda: service.written[DEAD_LETTERS[CASEWORK].name])
    letter = dict(service.written[DEAD_LETTERS[CASEWORK].name][0].headers)
    assert letter["kmzb_dlq_reason"] == b"referral"


def test_every_published_example_is_read_twice_without_harm(service_on_kafka: Service) -> None:
    service = service_on_kafka
    mine = {topic.name for topic in TOPICS}
    read = [example.message for example in examples() if example.message.topic in mine]
    assert len(read) >= 20
    with service.running() as client:
        for number in (98, 99):
            service.publish(*read, *read)
            service.publish(outgoing(submitted(number)), outgoing(routed(number)))
            eventually(partial(service.has_opened, number))
        assert client.get("/livez").status_code == 200
    ids = [envelope.id for envelope in service.envelopes(CASE_CHANGED)]
    assert len(set(ids)) == len(ids)
    for case in {change.report_id for change in service.changes()}:
        versions = [change.version for change in service.changes() if change.report_id == case]
        assert versions == list(range(1, len(versions) + 1))
