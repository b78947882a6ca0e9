"""Which instants, numbers and texts events admit: in what is read and in what is written alike."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import msgspec
import pytest
from contracts.envelope import Envelope, Unusable, decode, encode
from contracts.events.cases import Answer, CaseConfirmed, CaseTasked
from contracts.events.districts import District
from contracts.events.referrals import ReferralAcknowledged, ReferralDeclined
from contracts.examples import examples
from contracts.topics import topic_named
from contracts.values.instants import EARLIEST, LAST, LATEST, LATEST_DUE, is_instant, nearest_instant, parse_instant
from hypothesis import given
from hypothesis import strategies as st

EXAMPLES = {f"{example.event}/{example.name}": example for example in examples()}
ZONES = st.integers(-16 * 60 + 1, 16 * 60 - 1).map(lambda minutes: timezone(timedelta(minutes=minutes)))
OUTSIDE = [
    "9999-12-31T23:59:59-05:00",
    "9999-12-31T23:59:59.999999+00:00",
    "0001-01-01T00:00:00+05:00",
    "1999-12-31T23:59:59+00:00",
    "2100-01-01T00:00:00+00:00",
    "2026-11-02T09:30:00+16:00",  # zones PostgreSQL can't read
    "2026-11-02T09:30:00-16:00",
    "2026-11-02T09:30:00+23:59",
]
UNREADABLE = [
    "2026-11-02T09:30:00",
    "2026-11-02",
    "now",
    "",
    "2026-13-02T09:30:00Z",
    "1793611800",
    "\u0662026-11-02T09:30:00Z",
]


def example_of(event: type) -> Any:
    return EXAMPLES[f"{event.__name__}/ordinary"].message


def read(message: Any, **headers: str) -> Envelope:
    changed = dict(message.headers) | {name: text.encode() for name, text in headers.items()}
    return decode(list(changed.items()), message.value)


def written(event: Any, **changes: Any) -> Any:
    message = example_of(event)
    wrong = msgspec.structs.replace(read(message).data, **changes)
    return encode(
        wrong,
        source="x",
        at=datetime(2026, 11, 2, tzinfo=UTC),
        event_id=read(message).id,
        topic=topic_named(message.topic),
    )


@pytest.mark.parametrize("text", [*OUTSIDE, *UNREADABLE])
def test_a_header_says_an_instant_in_range_or_is_unusable(text: str) -> None:
    for name in ("ce_time", "ce_submittedat"):
        with pytest.raises(Unusable) as why:
            read(example_of(ReferralAcknowledged), **{name: text})
        assert why.value.reason == "envelope"


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_event_says_an_instant_out_of_range(name: str) -> None:
    """Every field of every event, wherever it stands in it."""
    message = EXAMPLES[name].message
    value = msgspec.json.decode(message.value or b"")
    for path in _instants(value):
        for text in OUTSIDE + UNREADABLE[:2]:
            if text.startswith("2100") and path[-1] in ("due_at", "task_due_at", "acknowledge_by"):
                continue
            with pytest.raises(Unusable) as why:
                decode(message.headers, msgspec.json.encode(_changed(value, path, text)))
            assert why.value.reason == "schema"
            assert str(path[-1]) in why.value.detail


def test_what_is_out_of_range_is_not_written() -> None:
    beyond = datetime.fromisoformat(OUTSIDE[0])
    for changes in (
        {"due_at": beyond},
        {"changed_at": beyond.replace(year=2026, tzinfo=None)},
        {"version": 2**31},
        {"longitude": float("nan")},
    ):
        with pytest.raises(ValueError, match="can't be said"):
            written(CaseTasked, **changes)
    with pytest.raises(ValueError, match="can't be said"):
        written(CaseConfirmed, answer=Answer(checks=1, found=1, last_check_on=date(1, 1, 1)))
    assert written(CaseTasked, due_at=LATEST)


@pytest.mark.parametrize(
    ("context", "refused"),
    [
        ({"event_id": UUID(int=0)}, True),
        ({"event_id": UUID(int=2**128 - 1)}, True),
        ({"event_id": UUID(int=1)}, False),
        ({"at": LAST}, False),
        ({"at": LATEST}, True),
        ({"at": LAST.replace(tzinfo=None)}, True),
        ({"at": datetime.fromisoformat(OUTSIDE[5])}, True),
        ({"at": datetime.fromisoformat("2026-11-02T09:30:00+05:30")}, False),
        ({"at": datetime.fromisoformat("2026-11-02T09:30:00+01:24:30")}, True),  # no zone RFC 3339 could say
        ({"submitted_at": LATEST}, True),
        ({"submitted_at": LAST.replace(tzinfo=None)}, True),
        ({"source": "a b"}, True),
        ({"source": ""}, False),
        ({"traceparent": "none"}, False),
    ],
)
def test_a_context_nobody_would_read_is_not_written(context: dict[str, Any], refused: bool) -> None:
    event = example_of(CaseTasked)
    given = {"source": "test", "at": LAST, "event_id": UUID(int=7), **context}
    data = decode(event.headers, event.value).data
    if refused:
        with pytest.raises(ValueError, match="can't be|expected"):
            encode(data, **given)
    else:
        message = encode(data, **given)
        assert decode(message.headers, message.value or b"").data == data


@pytest.mark.parametrize(
    "name", ["a\nb", "a\n", "\u200b", " ", "\u3164", "a\u202eb", "a\0", "a\u2028b", "", "\ud800", "\u0301"]
)
def test_a_name_has_one_line_and_something_is_seen_of_it(name: str) -> None:
    with pytest.raises(ValueError, match="can't be said"):
        written(District, name=name)
    message = example_of(ReferralDeclined)
    value = {**msgspec.json.decode(message.value), "responsible_agency": name}
    if name != "\ud800":  # which JSON in UTF-8 has no way to say
        with pytest.raises(Unusable):
            decode(message.headers, msgspec.json.encode(value))


@pytest.mark.parametrize("code", ["KGP\n", "KGP\0", "", "K P", "ＫGP", "x" * 65])
def test_a_code_is_plain(code: str) -> None:
    with pytest.raises(ValueError, match="can't be said"):
        written(District, garrison=code)


@given(st.datetimes(timezones=ZONES))
def test_an_admitted_instant_survives_zones_arithmetic_and_text(at: datetime) -> None:
    near = nearest_instant(at)
    assert is_instant(near)
    assert near == at or not EARLIEST <= at <= LAST
    if is_instant(at):
        assert parse_instant(at.astimezone(UTC).isoformat()) == at
        assert is_instant(at.astimezone(timezone(timedelta(hours=-14))) + timedelta(days=400), LATEST_DUE)


def _instants(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [found for key, below in value.items() for found in _instants(below, (*path, key))]
    if isinstance(value, str) and "version" not in str(path[-1]) and value[4:5] == "-" and value[10:11] == "T":
        return [path]
    return []


def _changed(value: Any, path: tuple[Any, ...], to: str) -> Any:
    if not path:
        return to
    return {**value, path[0]: _changed(value[path[0]], path[1:], to)}
