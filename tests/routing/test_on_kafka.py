"""The whole service on real Kafka: its two workers in this process, fed and read through topics."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Event

import pytest
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.messages import original_headers
from chassis.kafka.reader import read_from_start
from chassis.settings import Settings as Common
from contracts.envelope import Envelope, Outgoing, decode, tombstone
from contracts.events.districts import District
from contracts.events.reports import ReportSubmitted
from contracts.events.routing import Reason, ReportRouted, ReportUnroutable
from contracts.topics import CASE_CHANGED, DEAD_LETTERS, DISTRICT, REPORT_ROUTED, REPORT_SUBMITTED, ROUTING, Topic
from prometheus_client import REGISTRY
from routing.app import workers
from routing.settings import Settings
from support.districts import area, command, messages, polygon, set_of, square
from support.effects import running
from support.events import SUBMITTED, outgoing, report_id
from support.wait import eventually

READ = (REPORT_ROUTED, DEAD_LETTERS[ROUTING])
OPOLE = (17.92, 50.67)
GERMANY, SEA, HOLE = (14.3, 52.3), (18.0, 54.95), (17.97, 50.67)
AROUND = square(17.8, 50.6, 18.1, 50.7)
WITH_A_HOLE = polygon(AROUND, square(17.95, 50.65, 17.99, 50.69))


class Service:
    """Routing as it runs, and what goes in and comes out."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.health = Health("districts", "consumer")
        self.sender = Publisher(settings, "test")
        self.messages: dict[str, list[Outgoing]] = {topic.name: [] for topic in READ}

    @contextmanager
    def running(self) -> Iterator[None]:
        readers = [partial(self.read, topic) for topic in READ]
        with running(*workers(self.settings, self.health).values(), *readers) as failures:
            yield
        assert not failures

    def publish(self, *what: Outgoing) -> None:
        self.sender.publish(what)

    def report(self, number: int, place: tuple[float, float] = OPOLE) -> None:
        event = ReportSubmitted(
            report_id=report_id(number),
            category="parking",
            longitude=place[0],
            latitude=place[1],
            submitted_at=SUBMITTED,
            receipt_sha256="0" * 64,
        )
        self.publish(outgoing(event, submitted_at=SUBMITTED))

    def read(self, topic: Topic, stop: Event) -> None:
        """Worker: keep what is published on a topic."""
        for message in read_from_start(self.settings, "test", topic, stop):
            if message is not None:
                key = (message.key() or b"").decode()
                self.messages[topic.name].append(Outgoing(topic.name, key, original_headers(message), message.value()))

    def answers(self, count: int) -> list[Envelope]:
        """The answers, once there are so many."""
        messages = self.messages[REPORT_ROUTED.name]
        eventually(lambda: len(messages) >= count, what=f"{count} answers")
        assert len(messages) == count
        return [decode(message.headers, message.value or b"") for message in messages]

    def answer(self, number: int, count: int) -> ReportRouted | ReportUnroutable:
        """The answer to one report, of so many answers."""
        (found,) = [answer.data for answer in self.answers(count) if answer.data.key == str(report_id(number))]
        assert isinstance(found, ReportRouted | ReportUnroutable)
        return found

    def current_version(self, garrison: str = "OPO") -> str | None:
        for metric in REGISTRY.collect():
            for sample in metric.samples:
                if sample.name == "kmzb_routing_districts" and sample.labels["garrison"] == garrison:
                    return sample.labels["version"]
        return None


@pytest.fixture
def service(settings: Common, topics: Callable[..., None]) -> Service:
    topics(DISTRICT, REPORT_SUBMITTED, CASE_CHANGED, REPORT_ROUTED, DEAD_LETTERS[ROUTING])
    own = Settings(kafka_bootstrap=settings.kafka_bootstrap, namespace=settings.namespace, garrisons=1)
    return Service(own)


def opole(version: str, code: str = "166101", geometry: object = None) -> Sequence[District]:
    leaf = area(code, WITH_A_HOLE if geometry is None else geometry, version=version)  # type: ignore[arg-type]
    return [*command(version=version), leaf]


def test_reports_wait_for_the_districts_and_are_then_routed_once_each(service: Service) -> None:
    places = [OPOLE, OPOLE, GERMANY, SEA, HOLE]
    for number, place in enumerate(places):
        service.report(number, place)
    service.publish(*messages(opole("1"))[:-1])
    with service.running():
        service.report(5)
        assert service.health.awaited == ["consumer", "districts"]
        assert service.answers(0) == []
        service.publish(outgoing(set_of(opole("1"))))
        answers = {answer.data.key: answer.data for answer in service.answers(6)}
    assert service.health.awaited == []
    for number in (0, 1, 5):
        routed = answers[str(report_id(number))]
        assert isinstance(routed, ReportRouted)
        assert (routed.owner.unit, routed.boundary_version) == ("KMP-1661", "1")
    for number in (2, 3, 4):
        unroutable = answers[str(report_id(number))]
        assert isinstance(unroutable, ReportUnroutable)
        assert (unroutable.reason, unroutable.nearest_district) == (Reason.OUTSIDE, "166101")


def test_a_new_boundary_takes_effect_while_running_and_a_broken_one_does_not(service: Service) -> None:
    service.publish(*messages(opole("1")))
    with service.running():
        service.report(1)
        assert service.answer(1, 1).boundary_version == "1"

        broken = opole("2", "166199")
        service.publish(*messages(broken, sha256="0" * 64))
        state = {"garrison": "OPO", "state": "wrong_hash"}
        eventually(lambda: REGISTRY.get_sample_value("kmzb_routing_district_sets", state))
        service.report(2)
        assert service.answer(2, 2).boundary_version == "1"

        service.publish(*messages(opole("3", "166102", polygon(AROUND))))
        eventually(lambda: service.current_version() == "3")
        service.report(3)
        service.report(4, HOLE)
        for number in (3, 4):
            newest = service.answer(number, 4)
            assert isinstance(newest, ReportRouted)
            assert (newest.owner.district, newest.boundary_version) == ("166102", "3")

        service.publish(*(tombstone(DISTRICT, district.key) for district in opole("1")))
        service.report(5)
        assert service.answer(5, 5).boundary_version == "3"


def test_a_repeated_report_gets_the_same_answer_under_the_same_id(service: Service) -> None:
    service.publish(*messages(opole("1")))
    with service.running():
        service.report(1)
        (first,) = service.answers(1)
        service.report(1)
        again = service.answers(2)
    assert {(answer.id, answer.data) for answer in again} == {(first.id, first.data)}


def test_what_cannot_be_read_is_set_aside_and_the_rest_goes_on(service: Service) -> None:
    unreadable = Outgoing(DISTRICT.name, "OPO/2/x", [], b"{")
    service.publish(*messages(opole("1")), unreadable, Outgoing(REPORT_SUBMITTED.name, str(report_id(9)), [], b"{"))
    passed_over = REGISTRY.get_sample_value("kmzb_routing_district_messages_unreadable_total") or 0.0
    with service.running():
        service.report(1)
        assert service.answer(1, 1).boundary_version == "1"
        letter = eventually(lambda: service.messages[DEAD_LETTERS[ROUTING].name])[0]
    assert letter.key == str(report_id(9))
    assert dict(letter.headers)["kmzb_dlq_reason"] == b"envelope"
    assert REGISTRY.get_sample_value("kmzb_routing_district_messages_unreadable_total") == passed_over + 1
