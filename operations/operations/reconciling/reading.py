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
from contracts.policy.regions import Region
from contracts.topics import (
    CASE_CHANGED,
    CLOCK,
    NOTIFIER,
    REPORT_ROUTED,
    REPORT_SUBMITTED,
    SERVICES,
    SLA_MONITOR,
    Topic,
)
from deploy.stack.process import StackError

from operations.consumption.groups import Position, positions
from operations.consumption.members import answering
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
    seen, plan = Seen(), settings.region.plan
    for received in _received(settings, REPORT_SUBMITTED, since):
        event = received.event
        if isinstance(event, ReportSubmission) and since <= event.submitted_at <= until:
            seen.accepted.setdefault(event.report_id, event.submitted_at)
    for stage, topic in _ON.items():
        reached = seen.reached[stage] = set[UUID]()
        for received in _received(settings, topic, since):
            event = received.event
            if isinstance(event, Routing | CaseOpened):
                seen.instances[event.report_id] = plan.answering(event.owner.garrison, event.submitted_at)
            report_id = _reaches(received, stage)
            if report_id in seen.accepted and _is_its_own(received, Region(plan, seen.instance(report_id))):
                reached.add(report_id)
    told = _told(addresses, seen.accepted)
    if told is not None:
        seen.reached[Stage.NOTICE] = told
        seen.unasked = {each for each in seen.accepted if seen.instance(each) != settings.instance}
    return seen


def unread(
    settings: Settings, seen: Seen, lacking: Mapping[Stage, Iterable[UUID]], since: datetime
) -> dict[str, set[UUID]]:
    """By service, the reports that lack what it owes, and of which whoever's they are has not read everything yet."""
    found: dict[str, set[UUID]] = {}
    for stage, report_ids in lacking.items():
        by, inputs = OWED[stage].by, OWED[stage].inputs
        members = {report_id: answering(settings, by, seen.instance(report_id)) for report_id in report_ids}
        stand = {
            (member, each.topic.name, each.partition): each
            for member in set(members.values())
            for each in positions(settings, member, inputs)
        }
        found.setdefault(by, set()).update(
            report_id
            for topic in inputs
            for offset, original in _originals(settings, topic, set(members), since)
            if _waits(stand[members[report_id := UUID(original.key)], topic.name, original.partition], offset)
        )
    return found


def set_aside(settings: Settings, seen: Seen) -> dict[str, set[UUID]]:
    """By service, the reports of which whoever's they are has set something aside that was not replayed."""
    found: dict[str, set[UUID]] = {}
    letters = read_dead_letters(settings, SERVICES)
    for letter, decision in decisions(letters, read_topic_messages(settings, letters)).items():
        report_id = as_report_id(letter.original.key)
        if report_id is None or letter.member != answering(settings, letter.service, seen.instance(report_id)):
            continue
        if decision in (Decision.REPLAY, Decision.DUPLICATE):
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


def _is_its_own(received: Received, region: Region) -> bool:
    """A report's clocks count where its own monitor says them: the nation's says the first one of every report."""
    if not isinstance(received.event, ClockStarted):
        return True
    return received.envelope is not None and region.is_said_here(received.envelope.source, SLA_MONITOR)


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
