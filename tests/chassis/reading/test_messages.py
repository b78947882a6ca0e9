"""What a message is, whatever its bytes: received, unusable, or a newer writer's."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from chassis.clock import now
from chassis.kafka.messages import Newer, RawMessage, Received, odd_headers, original_headers, read_message
from contracts.envelope import Outgoing, Unusable
from contracts.events.cases import CaseChange, CaseOpened, CaseTakenUp
from contracts.events.clocks import ClockEvent
from contracts.events.reports import ReportContent, ReportSubmission
from contracts.events.routing import Routing
from contracts.examples import examples
from contracts.topics import CASE_CHANGED, CONTENT, FOLLOW_UP, TOPICS, topic_named
from hypothesis import given
from hypothesis import strategies as st
from support.events import OPOLE, ClientMessage, on_the_log, outgoing, report_id
from support.histories import Life
from support.next_release import from_next_release

LIFE = Life(1).then(CaseOpened, 1).then(CaseTakenUp, 2)
TAKEN_UP = outgoing(LIFE.changes[1])
EXAMPLES = {f"{example.event}-{example.name}": example.message for example in examples()}
ANSWERS = {name: message for name, message in EXAMPLES.items() if message.topic.endswith(".answer.v1")}
OURS = {name: message for name, message in EXAMPLES.items() if name not in ANSWERS}


def read(message: Outgoing) -> Received | Unusable | Newer:
    return read_message(on_the_log(message))


@pytest.mark.parametrize("message", EXAMPLES.values(), ids=EXAMPLES)
def test_every_example_is_received_as_it_is(message: Outgoing) -> None:
    received = read(message)
    assert isinstance(received, Received)
    assert type(received.event) in received.topic.events


@pytest.mark.parametrize("message", OURS.values(), ids=OURS)
def test_every_example_of_an_event_added_tomorrow_is_read_by_the_base_of_its_topic(message: Outgoing) -> None:
    newer = read(from_next_release(message, event="AddedTomorrow"))
    topic = topic_named(message.topic)
    assert topic
    assert isinstance(newer, Newer)
    if topic.base is None:
        assert newer.base is None
    else:
        assert newer.base is not None
        assert type(newer.base.event) is topic.base
        assert newer.key == message.key  # of which an event's own may be below its base's
        assert f"{message.key}/".startswith(f"{newer.base.event.key}/")


@pytest.mark.parametrize(
    ("message", "base"),
    [
        (from_next_release(outgoing(LIFE.submitted), time_of_day="dawn"), ReportSubmission),
        (from_next_release(outgoing(LIFE.routed), method="guess"), Routing),
        (from_next_release(EXAMPLES["CaseTasked-ordinary"], executor="drone"), CaseChange),
        (from_next_release(EXAMPLES["DeadlineEscalated-ordinary"], to="minister"), ClockEvent),
        # A place in a base that can't be read: then nothing of it can.
        (from_next_release(TAKEN_UP, status="archived"), None),
        (from_next_release(TAKEN_UP, actor="robot"), None),
        (from_next_release(EXAMPLES["ClockStarted-ordinary"], clock="rest"), None),
        # Known, but not on this topic.
        (Outgoing(FOLLOW_UP.name, TAKEN_UP.key, from_next_release(TAKEN_UP).headers, TAKEN_UP.value), None),
    ],
)
def test_a_value_of_tomorrow_leaves_what_the_base_says(message: Outgoing, base: type | None) -> None:
    newer = read(message)
    assert isinstance(newer, Newer)
    assert newer.release == "99.0.0"
    assert (type(newer.base.event) if newer.base else None) is base


RELEASES = st.tuples(*[st.integers(0, 999_999)] * 3).map(lambda numbers: ".".join(map(str, numbers)))


@given(st.sampled_from([*ANSWERS.values()]), RELEASES, st.sampled_from(["event", "value"]))
def test_no_release_an_agency_claims_lets_it_be_held(message: Outgoing, release: str, what: str) -> None:
    newer = (
        from_next_release(message, event="Praised") if what == "event" else from_next_release(message, answered_at=7)
    )
    headers = [(name, raw.replace(b"99.0.0", release.encode())) for name, raw in newer.headers]
    unusable = read(Outgoing(message.topic, message.key, headers, newer.value))
    assert isinstance(unusable, Unusable)
    assert unusable.reason == {"event": "type", "value": "schema"}[what]


def test_who_answers_is_in_the_base_of_every_routing() -> None:
    newer = read(from_next_release(outgoing(LIFE.routed), method="guess"))
    assert isinstance(newer, Newer)
    assert newer.base
    assert isinstance(newer.base.event, Routing)
    assert newer.base.event.owner == OPOLE


def test_a_newer_message_we_can_read_is_received() -> None:
    received = read(from_next_release(TAKEN_UP, weather="rain"))
    assert isinstance(received, Received)
    assert received.event == LIFE.changes[1]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"ce_type": b"pl.policja.kmzb.CaseSealed.v1"}, "type"),
        ({"ce_dataschema": b"urn:kmzb:CaseSealed.v1:0.0.1", "ce_type": b"pl.policja.kmzb.CaseSealed.v1"}, "type"),
        ({"ce_dataschema": b"https://agency.example/9.9", "ce_type": b"pl.policja.kmzb.CaseSealed.v1"}, "type"),
        ({"ce_id": b"7"}, "envelope"),
        ({"ce_time": b"yesterday"}, "envelope"),
    ],
)
def test_of_our_release_and_older_ones_what_we_cannot_read_is_unusable(changed: dict[str, bytes], reason: str) -> None:
    headers = list((dict(TAKEN_UP.headers) | changed).items())
    unusable = read(Outgoing(CASE_CHANGED.name, TAKEN_UP.key, headers, TAKEN_UP.value))
    assert isinstance(unusable, Unusable)
    assert unusable.reason == reason


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (Outgoing(CASE_CHANGED.name, TAKEN_UP.key, from_next_release(TAKEN_UP).headers, b"{nonsense"), "json"),
        (Outgoing(CASE_CHANGED.name, "other", from_next_release(TAKEN_UP).headers, TAKEN_UP.value), "key"),
        (from_next_release(Outgoing(CASE_CHANGED.name, "other", TAKEN_UP.headers, TAKEN_UP.value), event="New"), "key"),
        (Outgoing(CASE_CHANGED.name, TAKEN_UP.key, from_next_release(TAKEN_UP).headers, None), "empty"),
    ],
)
def test_no_release_explains_what_is_no_json_or_under_another_key(message: Outgoing, reason: str) -> None:
    unusable = read(message)
    assert isinstance(unusable, Unusable)
    assert unusable.reason == reason


HEADERS = from_next_release(outgoing(ReportContent(report_id=report_id(1)))).headers
NAMES = st.sampled_from([name for name, _ in HEADERS]) | st.text(max_size=5)


@given(
    topic=st.sampled_from([*TOPICS]),
    key=st.binary(max_size=40) | st.just(str(report_id(1)).encode()),
    headers=st.lists(st.tuples(NAMES, st.binary(max_size=30) | st.sampled_from([raw for _, raw in HEADERS]))),
    whole=st.booleans(),
    value=st.none() | st.binary(max_size=60) | st.recursive(st.none() | st.floats() | st.text(), st.lists),
)
def test_whatever_the_bytes_a_message_is_one_of_the_three(
    topic: Any, key: bytes, headers: list[tuple[str, bytes]], whole: bool, value: Any
) -> None:
    raw = (
        value if value is None or isinstance(value, bytes) else repr(value).replace("'", '"').encode("utf-8", "replace")
    )
    message = RawMessage(topic, 0, 0, 0, key, [*(HEADERS if whole else ()), *headers], raw)
    assert isinstance(read_message(message), Received | Unusable | Newer)
    if topic is CONTENT and value is None and key == str(report_id(1)).encode():
        assert isinstance(read_message(message), Received)


def submitted_in(ahead: timedelta, where: str) -> Received | Unusable | Newer:
    """A report submitted so far from now, by its field, or by the header that is carried along."""
    at = now() + ahead
    if where == "header":
        return read(outgoing(LIFE.submitted, submitted_at=at))
    return read(outgoing(msgspec.structs.replace(LIFE.submitted, submitted_at=at)))


@pytest.mark.parametrize("where", ["field", "header"])
def test_a_report_submitted_days_from_now_is_unusable(where: str) -> None:
    assert isinstance(submitted_in(timedelta(hours=23), where), Received)
    for ahead in (timedelta(hours=25), timedelta(days=365 * 60)):
        unusable = submitted_in(ahead, where)
        assert isinstance(unusable, Unusable)
        assert unusable.reason == "time"


def test_nor_does_a_newer_release_explain_it() -> None:
    event = msgspec.structs.replace(LIFE.submitted, submitted_at=now() + timedelta(days=2))
    unusable = read(from_next_release(outgoing(event), time_of_day="dawn"))
    assert isinstance(unusable, Unusable)
    assert unusable.reason == "time"


NAMES = st.text(st.characters(exclude_categories=[]) | st.sampled_from("\0\ufffd\ud800\udfffa"), max_size=8)


@given(NAMES)
def test_a_header_is_kept_where_its_name_can_be_written_again(name: str) -> None:
    message: Any = ClientMessage(Outgoing(CONTENT.name, "key", [(name, b"x"), ("ce_id", b"y")], None))
    text = all(char not in "\0\ufffd" and not "\ud800" <= char <= "\udfff" for char in name)
    assert original_headers(message) == [(name, b"x")] * text + [("ce_id", b"y")]
    assert bool(odd_headers(message)) is not text
