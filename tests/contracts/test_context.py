"""Headers mean one thing or nothing: what any two readers could take for two events is none."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from contracts.envelope import TYPE_PREFIX, Outgoing, Unusable, decode
from contracts.events.reports import ReportContent
from contracts.examples import examples
from hypothesis import given
from hypothesis import strategies as st
from support.events import outgoing, report_id

RIGHT = outgoing(
    ReportContent(report_id=report_id(1), description="Ciemno"), traceparent=f"00-{'1' * 32}-{'2' * 16}-01"
)
EXAMPLES = [example.message for example in examples()]
ID = b"1b4e28ba-2fa1-41d2-883f-0016d3cca427"


def reason(headers: list[tuple[str, bytes]], value: bytes | None = None) -> str | None:
    try:
        decode(headers, value or RIGHT.value or b"")
    except Unusable as why:
        return why.reason
    return None


def with_header(name: str, raw: bytes) -> list[tuple[str, bytes]]:
    return [(known, value) for known, value in RIGHT.headers if known.lower() != name.lower()] + [(name, raw)]


@pytest.mark.parametrize("name", [name for name, _ in RIGHT.headers if name != "traceparent"])
@pytest.mark.parametrize("same", [True, False])
def test_a_header_of_the_context_stands_once(name: str, same: bool) -> None:
    again = dict(RIGHT.headers)[name] if same else b"x"
    assert reason([*RIGHT.headers, (name, again)]) == "envelope"
    assert reason([(name, again), *RIGHT.headers]) == "envelope"


def test_a_trace_that_stands_twice_is_none_and_loses_no_message() -> None:
    twice = [*RIGHT.headers, ("traceparent", f"00-{'3' * 32}-{'2' * 16}-01".encode())]
    assert decode(twice, RIGHT.value or b"").traceparent is None
    assert decode(RIGHT.headers, RIGHT.value or b"").traceparent is not None


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        *[
            ("ce_id", wrong)
            for wrong in (
                b"",
                b"7",
                b"{" + ID + b"}",
                b"urn:uuid:" + ID,
                ID.replace(b"-", b""),
                ID + b"\n",
                b" " + ID,
                ID.replace(b"-", b"") + b"----",
                b"00000000-0000-0000-0000-000000000000",
                b"ffffffff-ffff-ffff-ffff-ffffffffffff",
                "1b4e28ba-2fa1-41d2-883f-0016d3cca42٧".encode(),
            )
        ],
        *[("ce_specversion", wrong) for wrong in (b"", b"0.3", b"1.0 ", b"2.0", b"1")],
        *[
            ("content-type", wrong)
            for wrong in (b"", b"text/plain", b"application/cloudevents+json", b"application/json; charset=latin2")
        ],
        *[("ce_source", wrong) for wrong in (b"", b"a b", b"/a\n", "/ż".encode(), b"\xff", b"<x>", b"/a\x00")],
        *[("ce_subject", wrong) for wrong in (b"", b"a\nb", b"a\x00", b"\xff", b"\xc2\x9b")],
        *[("ce_type", wrong) for wrong in (b"", b"\xff")],
        *[("ce_time", wrong) for wrong in (b"", b"2026-11-26T12:00:00", b"now", b"\xff")],
        *[(wrong, b"x") for wrong in ("ce_", "ce_a-b", "CE_ID", "CE_TYPE", "Ce_extra", "ce_ż", "ce_" + "a" * 41)],
    ],
)
def test_what_is_no_attribute_of_an_event_is_unusable_with_the_reason(name: str, raw: bytes) -> None:
    assert reason(with_header(name, raw)) in ("envelope", "type")


@pytest.mark.parametrize("name", ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time"])
def test_what_the_context_lacks_is_named(name: str) -> None:
    with pytest.raises(Unusable, match=f"header missing: '{name}'"):
        decode([header for header in RIGHT.headers if header[0] != name], RIGHT.value or b"")


@pytest.mark.parametrize(
    "raw", [b"application/json", b"application/json; charset=utf-8", b'Application/JSON;charset="UTF-8"']
)
def test_ways_to_say_json_are_one(raw: bytes) -> None:
    assert reason(with_header("Content-Type", raw)) is None
    assert reason([header for header in RIGHT.headers if header[0] != "content-type"]) is None


def nested(path: list[str], value: object) -> object:
    for name in path:
        value = {name: value}
    return value


@given(st.lists(st.text(max_size=5), max_size=4), st.text(max_size=8), st.booleans())
def test_a_name_that_stands_twice_in_whatever_depth_is_unusable(path: list[str], name: str, blank: bool) -> None:
    twice = f"{{{json.dumps(name)}: 1,{' ' * blank}{json.dumps(name)}: 1}}"
    inner = json.dumps(nested(path, "HERE")).replace('"HERE"', twice)
    value = f'{{"report_id": "{report_id(1)}", "a_field_of_next_year": {inner}}}'.encode()
    assert reason(RIGHT.headers, value) == "json"
    assert reason(RIGHT.headers, value.replace(twice.encode(), b"1")) is None


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: dict(message.headers)["ce_type"].decode())
def test_no_member_of_any_example_can_be_said_twice(message: Outgoing) -> None:
    members = json.loads(message.value or b"")
    for name in members:
        doubled = json.dumps(members)[:-1] + f", {json.dumps(name)}: {json.dumps(members[name])}}}"
        assert reason(message.headers, doubled.encode()) == "json"


SEGMENT = st.text("abcdefghijklmnopqrstuvwxyz0123456789-._~", min_size=1, max_size=12)


@given(
    st.uuids(allow_nil=False).filter(lambda drawn: drawn != UUID(int=2**128 - 1)),
    st.lists(SEGMENT, min_size=1, max_size=3),
    st.datetimes(datetime(2001, 1, 1), datetime(2098, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(["application/json", None]),
)
def test_whatever_the_standards_own_library_writes_is_read_as_it_was_meant(
    event_id: UUID, path: list[str], at: datetime, content_type: str | None
) -> None:
    attributes: dict[str, Any] = {
        "id": str(event_id),
        "source": "/" + "/".join(path),
        "type": f"{TYPE_PREFIX}ReportContent.v1",
        "subject": str(report_id(1)),
        "time": at,
        "specversion": "1.0",
        "datacontenttype": content_type,
    }
    data = {"report_id": str(report_id(1)), "description": "Ciemno"}
    written = to_binary_event(CloudEvent({k: v for k, v in attributes.items() if v}, data), JSONFormat())
    read = decode(written.headers.items(), written.value)
    assert (read.id, read.source, read.subject) == (event_id, attributes["source"], attributes["subject"])
    assert abs(read.time - at) < timedelta(microseconds=1)


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: dict(message.headers)["ce_type"].decode())
def test_whatever_we_write_the_standards_own_library_reads_as_we_do(message: Outgoing) -> None:
    value = message.value or b""
    theirs = from_binary_event(KafkaMessage(dict(message.headers), message.key, value), JSONFormat())
    ours = decode(message.headers, value)
    assert (theirs.get_id(), theirs.get_type(), theirs.get_source()) == (str(ours.id), ours.type, ours.source)
    assert (theirs.get_subject(), theirs.get_time()) == (ours.subject, ours.time)
    assert theirs.get_data() == json.loads(value)
