"""Whatever bytes somebody writes: each message is used or set aside, as it came, and the next one takes effect."""

import random
from collections.abc import Callable
from uuid import uuid4

import pytest
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.consumer import Loop
from chassis.kafka.letters import Letters
from chassis.kafka.messages import RawMessage, original_headers, read_message
from chassis.kafka.processing import Storing
from chassis.postgres import Database
from chassis.relay import Relay
from chassis.settings import Settings
from contracts.base import Event
from contracts.envelope import Unusable, encode
from contracts.events.districts import District, Level
from contracts.events.referrals import ReferralAcknowledged
from contracts.events.reports import ReportContent
from contracts.topics import CASEWORK, CONTENT, DEAD_LETTERS, FOLLOW_UP, answer_topic
from support.chassis.bad_messages import KEYS, bad_records
from support.chassis.raw_producer import RawRecord, write_raw
from support.effects import count_effects, running, times
from support.events import SUBMITTED, outgoing, report_id
from support.topics import everything_on
from support.wait import eventually

Topics = Callable[..., None]
LETTERS = DEAD_LETTERS[CASEWORK]
ANSWER = answer_topic("railways")


def test_whatever_is_written_is_set_aside_as_it_came_and_the_next_takes_effect(
    settings: Settings, topics: Topics, effects: Database
) -> None:
    topics(CONTENT, LETTERS)
    records = bad_records(settings.namespace + CONTENT.name, 300)
    lenient = settings.model_copy(update={"unusable_limit": 10_000})
    storing = Storing(lenient, CASEWORK, effects, count_effects)
    crew = Loop(lenient, CASEWORK, [CONTENT], storing, Health()), Relay(lenient, CASEWORK, effects, Health())
    good = outgoing(ReportContent(report_id=report_id(2), description="seen"))
    with running(*crew) as failures:
        write_raw(settings.kafka_bootstrap, records)
        Publisher(settings, "test").publish([good])
        letters = eventually(lambda: (found := everything_on(settings, LETTERS))[len(records) - 1 :] and found, 60)
        eventually(lambda: times(effects) == {good.key: 1})
    assert not failures
    assert sorted((m.key() or b"", m.value() or b"") for m in letters) == sorted(
        (record.key or b"", record.value or b"") for record in records
    )
    odd = [dict(original_headers(letter)).get("kmzb_dlq_headers") for letter in letters]
    assert any(text and b": b'x'" in text for text in odd)


def test_keys_that_are_no_text_are_each_their_own(settings: Settings, topics: Topics, effects: Database) -> None:
    topics(CONTENT, LETTERS)
    topic = settings.namespace + CONTENT.name
    keys = [b"\xff", b"\xfe", b"\xff"]
    storing = Storing(settings, CASEWORK, effects, count_effects)
    crew = Loop(settings, CASEWORK, [CONTENT], storing, Health()), Relay(settings, CASEWORK, effects, Health())
    with running(*crew) as failures:
        write_raw(settings.kafka_bootstrap, [RawRecord(topic, key, [], b"{}") for key in keys])
        letters = eventually(lambda: (found := everything_on(settings, LETTERS))[2:] and found)
    assert not failures
    with effects.transaction() as connection:
        rows = connection.execute("select key from blocked order by key").fetchall()
    assert [row["key"] for row in rows] == ["\\xfe", "\\xff"]
    assert len(letters) == 3


def test_an_agency_s_right_answer_takes_effect_after_its_wrong_one(
    settings: Settings, topics: Topics, effects: Database
) -> None:
    topics(ANSWER, LETTERS)
    answer = ReferralAcknowledged(report_id=report_id(1), referral_id=uuid4(), answered_at=SUBMITTED)
    right = encode(answer, source="railways", at=SUBMITTED, event_id=uuid4(), topic=ANSWER)
    headers = [(name.encode(), raw) for name, raw in right.headers if name != "ce_time"]
    naked = RawRecord(
        settings.namespace + ANSWER.name, right.raw_key, [*headers, (b"ce_time", b"2026-11-02T09:30:00")], right.value
    )
    handled: list[object] = []
    storing = Storing(settings, CASEWORK, effects, lambda _, batch: handled.extend(batch))
    crew = Loop(settings, CASEWORK, [ANSWER], storing, Health()), Relay(settings, CASEWORK, effects, Health())
    with running(*crew) as failures:
        write_raw(settings.kafka_bootstrap, [naked])
        eventually(lambda: everything_on(settings, LETTERS))
        Publisher(settings, "test").publish([right])
        eventually(lambda: handled)
    assert not failures


@pytest.mark.parametrize("key", KEYS)
def test_a_tombstone_erases_only_what_can_be_a_key(key: bytes) -> None:
    assert isinstance(read_message(RawMessage(CONTENT, 0, 0, 0, key, [], None)), Unusable)


def test_what_is_too_large_for_a_letter_is_cut_and_that_is_said(settings: Settings, topics: Topics) -> None:
    topics(LETTERS)
    noise = random.Random(1).randbytes(12 << 20)
    raw = RawMessage(FOLLOW_UP, 0, 7, 0, noise[: 2 << 20], [("h", noise[: 1 << 20])], noise)
    letter = Letters(settings, CASEWORK).letter(raw, Unusable("json", "noise"))
    Publisher(settings, "test").publish([letter])
    (stored,) = everything_on(settings, LETTERS)
    cut = dict(original_headers(stored))["kmzb_dlq_cut"].decode()
    assert all(part in cut for part in ("key: the first", "headers: all 1", "value: the first", "SHA-256"))
    assert noise.startswith(stored.value() or b"?")


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (District(garrison="OPO", version="1", code="R1", level=Level.BEAT, name="two\nlines"), "$.name"),
        (District(garrison="OPO", version="1", code="R 1", level=Level.BEAT, name="R1"), "$.code"),
        (ReportContent(report_id=report_id(1), description="a\x00b"), "$.description"),
        (ReportContent(report_id=report_id(1), description="\ud800"), "surrogates"),
    ],
)
def test_what_no_reader_would_take_cannot_be_said(event: Event, field: str) -> None:
    with pytest.raises(ValueError, match="can't be said") as refused:
        outgoing(event)
    assert field in str(refused.value)
