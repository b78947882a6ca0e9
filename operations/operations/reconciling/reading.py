"""What the topics and the notifier's ledger say of the reports accepted in a stretch of time."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from chassis.kafka.client import topic_name
from chassis.kafka.messages import Received, raw_message, read_message
from chassis.settings import Settings
from confluent_kafka import Message
from contracts.events.cases import CaseOpened
from contracts.events.clocks import Clock, ClockStarted
from contracts.events.reports import ReportSubmission, as_report_id
from contracts.events.routing import Routing
from contracts.topics import CASE_CHANGED, CLOCK, NOTIFIER, REPORT_ROUTED, REPORT_SUBMITTED, SERVICES, Topic
from deploy.stack.process import StackError

from operations.consumption.groups import Position, positions
from operations.dead_letters.blocked_keys import dsn_of
from operations.dead_letters.records import OriginalMessage, original_message, read_dead_letters
from operations.dead_letters.replay import Decision, decisions, read_topic_messages
from operations.reconciling.stages import OWED, Seen, Stage
from operations.topic_reader import TopicPartition, offsets_since, read_partitions

# Clocks of machines differ; what is said of a report is never much older than the report.
_BEFORE = timedelta(minutes=1)
_ON = {Stage.ROUTED: REPORT_ROUTED, Stage.CASE: CASE_CHANGED, Stage.CLOCK: CLOCK}


def seen_since(settings: Settings, addresses: Mapping[str, str], since: datetime, until: datetime) -> Seen:
    """Every report accepted from `since` to `until`, and which stages it has reached by now.

    Raises StackError, KafkaException.
    """
    seen = Seen()
    for received in _received(settings, REPORT_SUBMITTED, since):
        event = received.event
        if isinstance(event, ReportSubmission) and since <= event.submitted_at <= until:
            seen.accepted.setdefault(event.report_id, event.submitted_at)
    for stage, topic in _ON.items():
        seen.reached[stage] = {
            report_id
            for received in _received(settings, topic, since)
            if (report_id := _reaches(received, stage)) in seen.accepted
        }
    told = _told(addresses, seen.accepted)
    if told is not None:
        seen.reached[Stage.NOTICE] = told
    return seen


def unread(settings: Settings, lacking: Mapping[Stage, Iterable[UUID]], since: datetime) -> dict[str, set[UUID]]:
    """By service, the reports that lack what it owes, and of which it has not read everything yet."""
    found: dict[str, set[UUID]] = {}
    for stage, report_ids in lacking.items():
        by, wanted = OWED[stage].by, set(report_ids)
        stand = {(each.topic.name, each.partition): each for each in positions(settings, by, OWED[stage].inputs)}
        found.setdefault(by, set()).update(
            UUID(original.key)
            for topic in OWED[stage].inputs
            for offset, original in _originals(settings, topic, wanted, since)
            if _waits(stand[topic.name, original.partition], offset)
        )
    return found


def set_aside(settings: Settings) -> dict[str, set[UUID]]:
    """By service, the reports of which it has set something aside that was not replayed."""
    found: dict[str, set[UUID]] = {}
    letters = read_dead_letters(settings, SERVICES)
    for letter, decision in decisions(letters, read_topic_messages(settings, letters)).items():
        report_id = as_report_id(letter.original.key)
        if report_id is not None and decision in (Decision.REPLAY, Decision.DUPLICATE):
            found.setdefault(letter.service, set()).add(report_id)
    return found


def originals(settings: Settings, needed: Mapping[UUID, Iterable[Topic]], since: datetime) -> Iterator[OriginalMessage]:
    """The messages of these reports as they stand on the topics, topic after topic in the order of their way."""
    for topic in (REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED):
        wanted = {report_id for report_id, topics in needed.items() if topic in topics}
        yield from (original for _, original in _originals(settings, topic, wanted, since))


def _reaches(received: Received, stage: Stage) -> UUID | None:
    match stage, received.event:
        case (Stage.ROUTED, Routing() as event):
            return event.report_id
        case (Stage.CASE, CaseOpened() as event):
            return event.report_id
        case (Stage.CLOCK, ClockStarted(clock=Clock.TAKE_UP) as event):
            return event.report_id
        case _:
            return None


def _told(addresses: Mapping[str, str], accepted: Iterable[UUID]) -> set[UUID] | None:
    """Of which of these reports somebody was or will be told that they have a case; None where nobody can say."""
    try:
        dsn = dsn_of(NOTIFIER, addresses) or ""
    except StackError:
        return None
    query = (
        "select distinct report_id from notice where kind in ('case-opened', 'case-unrouted')"
        " and report_id = any(%s::uuid[])"
    )
    with psycopg.connect(dsn, connect_timeout=5) as connection:
        return {row[0] for row in connection.execute(query, (list(accepted),))}


def _received(settings: Settings, topic: Topic, since: datetime) -> Iterator[Received]:
    for message in _messages(settings, topic, since):
        read = read_message(raw_message(settings, message))
        if isinstance(read, Received):
            yield read


def _originals(
    settings: Settings, topic: Topic, wanted: set[UUID], since: datetime
) -> Iterator[tuple[int, OriginalMessage]]:
    """The messages under these keys, each with its offset; what was said twice is given once."""
    keys = {str(report_id).encode() for report_id in wanted}
    given: set[OriginalMessage] = set()
    for message in _messages(settings, topic, since) if keys else ():
        if message.key() in keys:
            original = original_message(topic.name, message.partition() or 0, message)
            if original not in given:
                given.add(original)
                yield message.offset() or 0, original


def _messages(settings: Settings, topic: Topic, since: datetime) -> Iterator[Message]:
    places = [(topic_name(settings, topic.name), number) for number in range(topic.partitions)]
    found = offsets_since(settings, places, since - _BEFORE)
    starts: dict[TopicPartition, int] = {place: start for place, start in found.items() if start is not None}
    return read_partitions(settings, starts) if starts else iter(())


def _waits(position: Position, offset: int) -> bool:
    return offset >= position.next
