"""What routing answers to the events it reads, without a broker."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from chassis.health import Health
from chassis.kafka.messages import Received
from contracts.base import Event
from contracts.envelope import Envelope, Outgoing, decode
from contracts.events.cases import CaseCorrected, CaseTakenUp
from contracts.events.reports import ReportSubmitted
from contracts.events.routing import Method, Reason, ReportRouted, ReportUnroutable, Routing
from contracts.examples import examples
from contracts.statuses import Status
from contracts.topics import REPORT_ROUTED, topic_named
from districts.index import Index, index_of
from prometheus_client import REGISTRY
from routing.app import TOPICS, handle
from routing.current_districts import CurrentDistricts
from routing.settings import Settings
from support.districts import area, leaves, polygon, square
from support.events import OPOLE, SUBMITTED, as_received, outgoing, received, report_id
from support.next_release import from_next_release, received_by_base

INDEX = index_of(leaves(area("166101", polygon(square(17.8, 50.6, 18.0, 50.7)), name="Opole")), complete=True)


def answers(*batch: Received, index: Index = INDEX) -> list[Envelope]:
    districts = CurrentDistricts(Settings(kafka_bootstrap="nowhere:1"), Health())
    districts.index = index
    return [decoded(message) for message in handle(districts, 300.0, batch)]


def decoded(message: Outgoing) -> Envelope:
    assert message.topic == REPORT_ROUTED.name
    assert message.value is not None
    return decode(message.headers, message.value)


def submitted(longitude: float = 17.92, latitude: float = 50.67, number: int = 1) -> ReportSubmitted:
    return ReportSubmitted(
        report_id=report_id(number),
        category="parking",
        longitude=longitude,
        latitude=latitude,
        submitted_at=SUBMITTED,
        receipt_sha256="0" * 64,
    )


def changed(kind: type[Any], **more: Any) -> Any:
    state = {
        "report_id": report_id(1),
        "version": 4,
        "changed_at": datetime(2026, 11, 3, 8, 0, tzinfo=UTC),
        "case_number": "OPO-26-000001-K",
        "status": Status.VERIFICATION,
        "category": "speeding",
        "longitude": 17.95,
        "latitude": 50.61,
        "owner": OPOLE,
        "submitted_at": SUBMITTED,
    }
    return kind(**{**state, **more})


def corrected(*, place_corrected: bool) -> CaseCorrected:
    before = {"previous_category": "parking", "previous_longitude": 17.92, "previous_latitude": 50.67}
    corrected_case: CaseCorrected = changed(CaseCorrected, **before, place_corrected=place_corrected)
    return corrected_case


def test_a_report_is_routed_to_the_unit_of_its_place() -> None:
    (answer,) = answers(received(submitted(), submitted_at=SUBMITTED))
    assert answer.source == "/kmzb/routing"
    assert answer.submitted_at == SUBMITTED
    assert isinstance(answer.data, ReportRouted)
    assert msgspec.structs.asdict(answer.data) == {
        "report_id": report_id(1),
        "place_version": 0,
        "longitude": 17.92,
        "latitude": 50.67,
        "category": "parking",
        "submitted_at": SUBMITTED,
        "owner": OPOLE,
        "level": "area",
        "district_name": "Opole",
        "method": "contains",
        "border_m": 3337.3,
        "boundary_version": "1",
        "emergency_like": False,
    }


def test_a_report_of_a_newer_writer_is_routed_by_what_its_base_says() -> None:
    base = received_by_base(from_next_release(outgoing(submitted()), time_of_day="dawn"))
    assert [answer.data for answer in answers(base)] == [answer.data for answer in answers(received(submitted()))]


def test_a_report_from_nowhere_is_unroutable_with_the_nearest_district_named() -> None:
    (answer,) = answers(received(submitted(longitude=18.01)))
    assert isinstance(answer.data, ReportUnroutable)
    named = (answer.data.reason, answer.data.nearest_district, answer.data.nearest_m, answer.data.boundary_version)
    assert named == (Reason.OUTSIDE, "166101", 706.9, "1")


def test_a_corrected_place_is_routed_again_under_the_version_that_corrected_it() -> None:
    (answer,) = answers(received(corrected(place_corrected=True)))
    assert isinstance(answer.data, ReportRouted)
    assert (answer.data.place_version, answer.data.category, answer.data.longitude) == (4, "speeding", 17.95)


@pytest.mark.parametrize("event", [corrected(place_corrected=False), changed(CaseTakenUp)], ids=["category", "take-up"])
def test_other_changes_of_a_case_are_none_of_its_business(event: Event) -> None:
    assert answers(received(event)) == []


def test_what_reads_like_an_emergency_is_told_on_with_the_place_as_sent_and_no_other() -> None:
    urgent = msgspec.structs.replace(submitted(), emergency_like=True)
    nowhere = msgspec.structs.replace(submitted(15.0, 53.0, 2), emergency_like=True)
    found = [answer.data for answer in answers(*map(received, (urgent, nowhere, corrected(place_corrected=True))))]
    assert [type(event) for event in found[:2]] == [ReportRouted, ReportUnroutable]
    assert [event.emergency_like for event in found if isinstance(event, Routing)] == [True, True, False]


def test_a_repeat_has_the_same_id_and_another_answer_another() -> None:
    message = received(submitted())
    first, second, without_boundaries = *answers(message, message), *answers(message, index=Index())
    assert isinstance(without_boundaries.data, ReportUnroutable)
    assert first == second
    assert first.id != without_boundaries.id


def test_each_question_has_an_answer_with_an_id_of_its_own() -> None:
    routed = answers(received(submitted()), received(submitted(number=2)), received(corrected(place_corrected=True)))
    assert len({answer.id for answer in routed}) == 3


@pytest.mark.parametrize(
    ("outcome", "longitude", "index"),
    [
        (Method.CONTAINS, 17.9, INDEX),
        (Method.NEAREST, 18.001, INDEX),
        (Reason.OUTSIDE, 18.1, INDEX),
        (Reason.NO_BOUNDARIES, 17.9, Index()),
    ],
)
def test_outcomes_are_counted(outcome: str, longitude: float, index: Index) -> None:
    def counted() -> float:
        return REGISTRY.get_sample_value("kmzb_routing_reports_total", {"outcome": str(outcome)}) or 0.0

    before = counted()
    answers(received(submitted(longitude=longitude)), index=index)
    assert counted() == before + 1


@pytest.mark.parametrize(
    "example",
    [example for example in examples() if topic_named(example.message.topic) in TOPICS],
    ids=lambda example: f"{example.event}-{example.name}",
)
def test_every_published_example_can_be_handled_twice_with_the_same_result(example: Any) -> None:
    message = as_received(example.message)
    first, second = answers(message), answers(message)
    assert [(answer.id, answer.data) for answer in first] == [(answer.id, answer.data) for answer in second]
    assert len(first) == (example.event == "ReportSubmitted" or getattr(message.event, "place_corrected", False))
