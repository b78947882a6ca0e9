"""Events, examples, schemas and the envelope hold together."""

import json
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.formats.json import JSONFormat
from contracts import RELEASE, schemas
from contracts.base import Event
from contracts.envelope import TYPE_PREFIX, Unusable, decode, encode, is_newer, release_of
from contracts.events.reports import ReportContent
from contracts.examples import Example, examples
from contracts.topics import EVENTS, topic_named
from jsonschema import Draft202012Validator
from support.events import SUBMITTED, outgoing, report_id

EXAMPLES = examples()
# Where a citizen's or an officer's own words may stand; everything else is codes, names, numbers and times.
FREE_TEXT = {
    ("ReportContent", "description"),
    ("FollowUpWords", "text"),
    ("WordsToReporter", "text"),
    ("ReportContact", "sealed"),
    ("NoticeFailed", "reason"),
}
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.event}-{each.name}")
each_event = pytest.mark.parametrize("event_class", EVENTS.values(), ids=lambda each: each.__name__)


@each_example
def test_an_example_is_read_back_as_its_event(example: Example) -> None:
    assert example.message.value is not None
    envelope = decode(example.message.headers, example.message.value)
    assert type(envelope.data).__name__ == example.event
    assert envelope.data.key == example.message.key == envelope.subject
    topic = topic_named(example.message.topic)
    assert topic
    assert isinstance(envelope.data, topic.events)


@each_example
def test_an_example_validates_against_the_published_schema(example: Example) -> None:
    schema = json.loads((schemas.FOLDER / f"{example.event}.v1.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        json.loads(example.message.value or b"")
    )


@each_example
def test_a_field_that_nobody_knows_yet_is_ignored(example: Example) -> None:
    grown = {**json.loads(example.message.value or b""), "a_field_of_next_year": {"deep": [1]}}
    envelope = decode(example.message.headers, json.dumps(grown).encode())
    assert type(envelope.data).__name__ == example.event


@each_example
def test_an_independent_reader_sees_the_same_cloudevent(example: Example) -> None:
    message = KafkaMessage(dict(example.message.headers), example.message.key, example.message.value or b"")
    event = from_binary_event(message, JSONFormat())
    assert event.get_type() == f"{TYPE_PREFIX}{example.event}.v1"
    assert event.get_subject() == example.message.key
    assert event.get_time() is not None


@each_event
def test_every_event_has_an_ordinary_and_an_awkward_example(event_class: type[Event]) -> None:
    names = {each.name for each in EXAMPLES if each.event == event_class.__name__}
    assert {"ordinary", "awkward"} <= names


@each_event
def test_an_event_is_a_frozen_documented_fact(event_class: type[Event]) -> None:
    assert event_class.__struct_config__.frozen
    assert (event_class.__doc__ or "").strip()


@each_event
def test_no_event_has_room_for_words_that_others_need_not_see(event_class: type[Event]) -> None:
    words = [
        field
        for field, shape in schemas.schema(event_class)["$defs"][event_class.__name__]["properties"].items()
        if _is_free_text(shape)
    ]
    assert {(event_class.__name__, field) for field in words} <= FREE_TEXT | {
        ("District", "name"), ("District", "short_name"), ("ReportRouted", "district_name"),
        ("PublicReport", "unit_name"), ("ReferralMade", "unit_name"), ("ReferralDeclined", "responsible_agency"),
        ("CasesMerged", "into_number"), ("ReportContent", "photos"),
        ("Agency", "code"), ("Agency", "name"), ("Agency", "areas"), ("Agency", "contact"),
    }  # fmt: skip


def _is_free_text(shape: dict[str, Any]) -> bool:
    if "anyOf" in shape:
        return any(_is_free_text(each) for each in shape["anyOf"])
    if "items" in shape and isinstance(shape["items"], dict):
        return _is_free_text(shape["items"])
    codes = ("^[A-Za-z0-9]", "^[0-9a-f]{64}$")
    closed = "format" in shape or "enum" in shape or shape.get("pattern", "").startswith(codes)
    return shape.get("type") == "string" and not closed


def test_the_committed_schemas_are_what_the_code_says() -> None:
    assert schemas.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"not json", "json"),
        (b'{"report_id": "672264e1-c158-589c-ba45-b1bbb8f36a68", "description": "\xff"}', "json"),
        (b'{"unknown": ' + b"[" * 100_000, "json"),
        (b"{}", "schema"),
        (b'{"report_id": "7"}', "schema"),
        (b'{"report_id": "672264e1-c158-589c-ba45-b1bbb8f36a68", "description": "a\\u0000b"}', "schema"),
        (b'{"report_id": "672264e1-c158-589c-ba45-b1bbb8f36a68", "description": "\\ud800"}', "json"),
    ],
)
def test_bytes_that_are_no_event_are_unusable_and_never_anything_else(value: bytes, reason: str) -> None:
    headers = outgoing(ReportContent(report_id=report_id(1))).headers
    with pytest.raises(Unusable) as caught:
        decode(headers, value)
    assert caught.value.reason == reason


def test_a_message_says_which_release_its_writer_had() -> None:
    message = outgoing(ReportContent(report_id=report_id(1)))
    assert release_of(message.headers) == RELEASE
    assert not is_newer(RELEASE)


@pytest.mark.parametrize(
    ("dataschema", "release"),
    [
        (b"urn:kmzb:ReportContent.v1:9.2.0", "9.2.0"),
        (b"urn:kmzb:ReportContent.v1:10.0.11", "10.0.11"),
        (b"urn:kmzb:ReportContent.v1", None),
        (b"urn:kmzb:ReportContent.v1:0.2", None),
        (b"urn:kmzb:ReportContent.v1:0.2.0-rc1", None),
        (b"https://agency.example/schemas/answer", None),
        (b"\xff", None),
    ],
)
def test_a_release_is_read_from_our_own_schemas_names_alone(dataschema: bytes, release: str | None) -> None:
    assert release_of([("ce_dataschema", dataschema)]) == release
    assert is_newer(release) == (release is not None)


def test_releases_are_compared_by_number() -> None:
    assert is_newer("0.10.0")
    assert not is_newer("0.0.9")
    assert not is_newer("00.0.9")  # behind our own by number, before it by letters
    assert release_of([]) is None


@pytest.mark.parametrize("missing", ["ce_id", "ce_type", "ce_time", "ce_source", "ce_subject"])
def test_a_message_without_its_context_is_unusable(missing: str) -> None:
    message = outgoing(ReportContent(report_id=report_id(1)))
    with pytest.raises(Unusable, match="envelope"):
        decode([header for header in message.headers if header[0] != missing], message.value or b"")


def test_a_time_without_a_zone_is_unusable() -> None:
    message = outgoing(ReportContent(report_id=report_id(1)))
    headers = [(name, b"2026-11-02T09:30:00" if name == "ce_time" else raw) for name, raw in message.headers]
    with pytest.raises(Unusable, match="zone"):
        decode(headers, message.value or b"")


def test_an_event_that_follows_has_the_same_id_each_time_and_inherits_age_and_trace() -> None:
    example = next(each for each in EXAMPLES if each.event == "ReportSubmitted" and each.name == "awkward")
    cause = decode(example.message.headers, example.message.value or b"")
    event = ReportContent(report_id=report_id(1))
    first, second = (encode(event, source="routing", at=cause.time, cause=cause) for _ in range(2))
    assert first == second
    again = decode(first.headers, first.value or b"")
    assert (again.submitted_at, again.traceparent) == (cause.submitted_at, cause.traceparent)
    assert again.id != cause.id


def test_an_event_needs_an_id_that_can_be_computed_again() -> None:
    with pytest.raises(ValueError, match="ReportContent needs an event_id"):
        encode(ReportContent(report_id=report_id(1)), source="intake", at=SUBMITTED)
