"""A report travels from a citizen to its district, and everybody who should know of it does."""

import json
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from uuid import UUID

import pytest
from chassis.kafka.messages import original_headers
from contracts import schemas
from contracts.envelope import decode
from contracts.events.reports import ReportContact
from contracts.policy.terms import WARSAW
from contracts.topics import (
    CASE_CHANGED,
    CLOCK,
    CONTACT,
    CONTENT,
    PUBLIC_REPORT,
    REPORT_ROUTED,
    REPORT_SUBMITTED,
    SERVICES,
    Topic,
)
from deploy.agencies import all_topics
from journeys.journey import OPOLE, Journey
from jsonschema import Draft202012Validator
from support.wait import eventually

pytestmark = pytest.mark.timeout(120)
READ: tuple[str, dict[str, str]] = ("kmzb_event_age_seconds_count", {"topic": REPORT_ROUTED.name})
MOVED: dict[str, tuple[str, dict[str, str]]] = {
    "intake": ("kmzb_intake_reports_total", {}),
    "routing": ("kmzb_routing_reports_total", {}),
    "casework": READ,
    "sla_monitor": ("kmzb_sla_open", {}),
    "notifier": READ,
    "public_map": READ,
}


def test_a_report_in_opole_is_opoles_within_two_seconds(journey: Journey) -> None:
    journey.send(*OPOLE)  # the first one pays for connections and compilers
    before = {service: journey.metric(service, name, **labels) for service, (name, labels) in MOVED.items()}
    sent = journey.send(*OPOLE, description="Auta stoją na trawniku.", contact={"email": "reporter@citizens.example"})
    pressed = monotonic()
    at_once = journey.receipt_when(sent, lambda said: True, 1)
    assert at_once["status"] == "new"
    known = journey.receipt_when(sent, lambda said: said["unit"] is not None, 2)
    assert monotonic() - pressed < 2
    assert (known["unit"], known["unit_name"]) == ("KMP-1661", "Komenda Miejska Policji w Opolu")
    moments = [
        datetime.fromisoformat(said) for said in (sent.answer["submitted_at"], known["take_up_by"], known["verify_by"])
    ]
    submitted, take_up_by, verify_by = (moment.astimezone(WARSAW).replace(tzinfo=None) for moment in moments)
    assert (take_up_by - submitted, verify_by - take_up_by) == (timedelta(days=2), timedelta(days=5))
    officer, neighbour = journey.officer("KMP-1661", "OPO"), journey.officer("KPP-1609", "OPO")
    eventually(lambda: journey.case(sent.report_id, officer).is_success)
    assert journey.case(sent.report_id, officer).json()["words"]["description"] == "Auta stoją na trawniku."
    assert journey.case(sent.report_id, neighbour).status_code == 404
    eventually(
        lambda: all(
            journey.metric(service, name, **labels) > before[service] for service, (name, labels) in MOVED.items()
        )
    )


def test_what_stands_on_a_topic_is_a_cloudevent_of_the_published_schema(journey: Journey) -> None:
    sent = journey.send(*OPOLE, description="Powtarza się.", contact={"email": "reporter@citizens.example"})
    for topic in (REPORT_SUBMITTED, CONTENT, CONTACT, REPORT_ROUTED, CASE_CHANGED, CLOCK, PUBLIC_REPORT):
        eventually(partial(is_said, journey, topic, sent.report_id))
        for message in journey.messages(topic):
            if message.key() == str(sent.report_id).encode() and (value := message.value()) is not None:
                headers = original_headers(message)
                assert ("ce_specversion", b"1.0") in headers
                envelope = decode(headers, value)
                assert isinstance(envelope.data, topic.events)
                assert envelope.source.removeprefix("/kmzb/") in topic.writers
                schema = json.loads((schemas.FOLDER / f"{type(envelope.data).__name__}.v1.json").read_text("utf-8"))
                Draft202012Validator(schema).validate(json.loads(value))


def is_said(journey: Journey, topic: Topic, report_id: UUID) -> bool:
    return any(message.key() == str(report_id).encode() for message in journey.messages(topic))


def test_words_and_contacts_are_on_their_own_topics_alone(journey: Journey) -> None:
    words, address = "kanarek w zgłoszeniu 7d1f", "canary7d1f@citizens.example"
    sent = journey.send(*OPOLE, description=words, contact={"email": address})
    officer = journey.officer("KMP-1661", "OPO")
    eventually(lambda: journey.case(sent.report_id, officer).is_success)
    journey.change(sent.report_id, "take-up", officer)
    eventually(lambda: _mailed(journey, address))
    journey.settle(*all_topics())
    for topic in all_topics():
        raw = b"".join(message.value() or b"" for message in journey.messages(topic))
        assert (words.encode() in raw) == (topic.name == CONTENT.name), topic.name
        assert b"canary7d1f" not in raw, topic.name
    sealed = [each for each in journey.events(CONTACT) if isinstance(each, ReportContact)]
    assert sealed
    for service in SERVICES:
        log = (journey.system.root / "logs" / f"{service}.log").read_text(encoding="utf-8")
        assert words not in log
        assert "canary7d1f" not in log
    public = journey.http.get(journey.url("public_map", "/v1/reports.geojson")).text
    assert words not in public


def _mailed(journey: Journey, address: str) -> bool:
    files = (journey.system.root / "mail" / "new").glob("*")
    return any(address in file.read_text(encoding="utf-8") for file in files)
