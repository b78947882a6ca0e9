"""Intake on real Kafka: what a POST leaves on the log, and what it says when the log does not take it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import jsonschema
import msgspec
from chassis.health import Health
from chassis.settings import Settings as ChassisSettings
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from confluent_kafka import Message
from contracts.envelope import decode, encode, follows
from contracts.events.reports import ReportSubmitted, ReportSupported
from contracts.schemas import schema
from contracts.topics import CONTACT, CONTENT, EVENTS, FOLLOW_UP, INTAKE, REPORT_SUBMITTED
from intake.domain.identity import Identities
from intake.domain.partitions import partition_of
from intake.log_writer import LogWriter, NotAcknowledged
from intake.settings import Settings
from intake.upkeep import begin_heartbeat
from support.events import SUBMITTED, report_id
from support.intake.memory_log import EMAIL, RECEIPT_SECRET, SECRET, SENDER, WORDS, report
from support.intake.on_kafka import post
from support.topics import everything_on
from support.wait import eventually

IDENTITIES = Identities(bytes.fromhex(SECRET), bytes.fromhex(RECEIPT_SECRET))
FULL = report(description=WORDS, contact={"email": EMAIL})


def raw(message: Message) -> tuple[dict[str, bytes], bytes, bytes]:
    headers: Any = message.headers()
    key, value = message.key(), message.value()
    assert isinstance(key, bytes)
    assert isinstance(value, bytes)
    return dict(headers), key, value


def test_a_report_is_on_the_log_as_cloudevents_that_fit_their_schemas(
    intake: Callable[..., Any], settings: ChassisSettings, topics: Callable[..., None]
) -> None:
    topics(REPORT_SUBMITTED, CONTENT, CONTACT)
    with intake() as client:
        answer = post(client, FULL).json()
    stamps = []
    for topic in (CONTENT, CONTACT, REPORT_SUBMITTED):
        (message,) = everything_on(settings, topic)
        headers, key, value = raw(message)
        seen_by_others = from_binary_event(KafkaMessage(headers, key, value))
        assert seen_by_others.get_subject() == answer["report_id"] == key.decode()
        assert message.partition() == partition_of(key, topic.partitions)
        assert seen_by_others.get_source() == "/kmzb/intake"
        name = type(decode(headers.items(), value).data).__name__
        assert seen_by_others.get_type() == f"pl.policja.kmzb.{name}.v1"
        what = f"{name}/{answer['submitted_at'].replace('Z', '+00:00')}/{sha256(value).hexdigest()}"
        assert seen_by_others.get_id() == str(follows(UUID(answer["report_id"]), what))
        jsonschema.validate(msgspec.json.decode(value), schema(EVENTS[name]))
        stamps.append(message.timestamp()[1])
        for secret in (WORDS, EMAIL, SENDER) if topic is not CONTENT else (EMAIL, SENDER):
            assert secret.encode() not in repr((headers, key)).encode() + value
    assert max(stamps[:2]) <= stamps[2]


def test_while_the_words_are_not_on_the_log_there_is_no_report(
    intake: Callable[..., Any], settings: ChassisSettings, topics: Callable[..., None]
) -> None:
    topics(REPORT_SUBMITTED)
    with intake(delivery_timeout=timedelta(seconds=0.5)) as client:
        answer = post(client, FULL)
        assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
        assert post(client, report()).status_code == 201
    ((headers, _, value),) = map(raw, everything_on(settings, REPORT_SUBMITTED))
    submitted = decode(headers.items(), value).data
    assert isinstance(submitted, ReportSubmitted)
    assert not submitted.has_content


def test_a_repeat_after_the_broker_was_away_is_the_same_report_at_the_same_time(
    intake: Callable[..., Any], settings: ChassisSettings, topics: Callable[..., None], closed_port: int
) -> None:
    topics(REPORT_SUBMITTED, CONTENT, CONTACT)
    key = str(uuid4())
    away = {"kafka_bootstrap": f"127.0.0.1:{closed_port}", "delivery_timeout": timedelta(seconds=0.3)}
    with intake(**away) as client:
        refused = post(client, FULL, key)
        assert refused.status_code == 503
        assert "same Idempotency-Key" in refused.json()["detail"]
    with intake() as client:
        taken = [post(client, FULL, key) for _ in range(3)]
    assert [answer.status_code for answer in taken] == [201] * 3
    assert len({answer.content for answer in taken}) == 1
    assert UUID(taken[0].json()["report_id"]) == IDENTITIES.report_id(key.encode(), FULL)
    assert [len(everything_on(settings, topic)) for topic in (REPORT_SUBMITTED, CONTENT, CONTACT)] == [1, 1, 1]


def test_what_is_said_after_sending_is_on_its_topic(
    intake: Callable[..., Any], settings: ChassisSettings, topics: Callable[..., None]
) -> None:
    topics(REPORT_SUBMITTED, CONTENT, CONTACT, FOLLOW_UP)
    with intake() as client:
        receipt = post(client, FULL).json()
        assert client.post(receipt["links"]["support"]).status_code == 202
        for what in ("contest", "erasure"):
            answer = client.post(receipt["links"][what], json={"report_id": receipt["report_id"]})
            assert answer.status_code == 202
    names = []
    for headers, key, value in map(raw, everything_on(settings, FOLLOW_UP)):
        event = decode(headers.items(), value).data
        names.append(type(event).__name__)
        jsonschema.validate(msgspec.json.decode(value), schema(type(event)))
        assert key.decode() == receipt["report_id"]
        assert receipt["receipt"].encode() not in value
    assert names == ["ReportSupported", "ReportContested", "ErasureRequested"]


def test_more_than_the_bound_at_once_is_refused_at_once_and_the_rest_go_on(
    configure: Callable[..., Settings], settings: ChassisSettings, topics: Callable[..., None]
) -> None:
    topics(FOLLOW_UP)
    broker = {"kafka_bootstrap": settings.kafka_bootstrap, "namespace": settings.namespace}
    # A busy broker may take a second to say who leads a topic that was made just now.
    own = configure(**broker, in_flight=10, delivery_timeout=timedelta(seconds=4))
    writer = LogWriter(own, Health("kafka"))
    message = encode(
        ReportSupported(report_id=report_id(1), said_at=SUBMITTED, sender="a" * 64),
        source=INTAKE,
        at=SUBMITTED,
        event_id=report_id(2),
    )

    async def burst() -> list[BaseException | None]:
        writer.open()
        outcomes = await asyncio.gather(*[writer.write([message]) for _ in range(25)], return_exceptions=True)
        await writer.write([message])
        writer.close()
        return outcomes

    outcomes = asyncio.run(burst())
    assert outcomes.count(None) == 10
    assert all(isinstance(outcome, NotAcknowledged) for outcome in outcomes if outcome is not None)
    assert len(everything_on(settings, FOLLOW_UP)) == 11


def test_a_heartbeat_under_way_when_the_loop_ends_is_not_acknowledged_and_no_failure(
    configure: Callable[..., Settings],
) -> None:
    writer = LogWriter(configure(kafka_bootstrap="127.0.0.1:1", delivery_timeout=timedelta(seconds=1)), Health("kafka"))

    async def ends_meanwhile() -> bool:
        writer.open()
        loop = asyncio.get_running_loop()
        begun = loop.run_in_executor(None, begin_heartbeat, writer)
        # Until the heartbeat waits in the loop, beside this.
        await loop.run_in_executor(None, eventually, lambda: len(asyncio.all_tasks(loop)) > 1)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        acknowledged = await begun
        writer.close()
        return acknowledged

    assert asyncio.run(ends_meanwhile()) is False


def test_ready_once_the_cluster_knows_the_topic(
    configure: Callable[..., Settings], settings: ChassisSettings, topics: Callable[..., None]
) -> None:
    health = Health("kafka")
    own = configure(kafka_bootstrap=settings.kafka_bootstrap, namespace=settings.namespace)
    writer = LogWriter(own, health)

    def awaited() -> list[str]:
        writer.watch()
        return health.awaited

    async def look() -> None:
        assert await asyncio.to_thread(awaited) == ["kafka"]
        writer.open()
        assert await asyncio.to_thread(awaited) == ["kafka"]
        topics(REPORT_SUBMITTED)
        assert await asyncio.to_thread(lambda: eventually(lambda: awaited() == []))
        writer.close()

    asyncio.run(look())
