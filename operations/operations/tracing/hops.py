"""What stands on the topics of one report: every message, where and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.kafka.client import topic_name
from chassis.kafka.messages import Received, raw_message, read_message
from chassis.settings import Settings
from confluent_kafka import OFFSET_BEGINNING, Message
from contracts import topics
from contracts.base import Event
from contracts.events.cases import CaseChange, CaseReferred
from contracts.events.clocks import ClockEvent
from contracts.events.notices import NoticeEvent, NoticeFailed
from contracts.events.public import PublicReport, ReportImported
from contracts.events.referrals import Referral
from contracts.events.reports import ReportSubmission
from contracts.events.routing import ReportUnroutable, Routing
from contracts.topics import Topic

from operations.topic_reader import TopicPartition, offsets_since, read_partitions
from operations.tracing.lookup import Found

# Words and contact are on the log before the report, and clocks of machines differ.
_BEFORE = timedelta(minutes=10)
_OF_A_REPORT = (
    topics.CONTENT,
    topics.CONTACT,
    topics.FOLLOW_UP,
    topics.REPORT_ROUTED,
    topics.CASE_CHANGED,
    topics.CLOCK,
    topics.NOTICE,
    topics.HISTORY,
    topics.PUBLIC_REPORT,
    topics.TO_REPORTER,
)
# Where a key may be more than the report's id, so that it lies on another partition.
_ANYWHERE = (topics.CONTENT, topics.TO_REPORTER)


@dataclass(frozen=True, slots=True)
class Hop:
    """One message about the report. `event` None: a tombstone, or nothing that can be read any more (`what` says)."""

    topic: Topic
    partition: int
    offset: int
    written_at: datetime
    what: str
    event: Event | None = None
    detail: str = ""

    @property
    def place(self) -> str:
        """Where it stands, as people and `kmzb dead-letters set-aside` say it."""
        return f"{self.topic.name}/{self.partition}@{self.offset}"


def hops(settings: Settings, found: Found) -> list[Hop]:
    """All there is about a report, in the order of time. Where nothing says when it began, topics are read whole.

    Raises StackError, KafkaException.
    """
    since = found.submitted_at and found.submitted_at - _BEFORE
    first = list(_read(settings, found, [topics.REPORT_SUBMITTED], None, since))
    partition = first[0].partition if first else None
    if first:
        since = min(hop.written_at for hop in first) - _BEFORE
    own = [topic for topic in _OF_A_REPORT if topic not in _ANYWHERE]
    read = [*first, *_read(settings, found, own, partition, since), *_read(settings, found, _ANYWHERE, None, since)]
    agencies = {hop.event.agency for hop in read if isinstance(hop.event, CaseReferred)}
    partners = topics.partner_topics(sorted(agencies))
    read += _read(settings, found, partners, None, since)  # agencies choose partitions by clients of their own
    return sorted(read, key=lambda hop: (hop.written_at, hop.topic.name, hop.offset))


def _read(
    settings: Settings, found: Found, wanted: Sequence[Topic], partition: int | None, since: datetime | None
) -> Iterator[Hop]:
    """What of the report stands on topics: on one partition or all, from a time on or from the beginning."""
    places: list[TopicPartition] = [
        (topic_name(settings, topic.name), number)
        for topic in wanted
        for number in range(topic.partitions)
        if partition in (None, number)
    ]
    starts: dict[TopicPartition, int] = dict.fromkeys(places, OFFSET_BEGINNING)
    if since:
        starts = {at: start for at, start in offsets_since(settings, places, since).items() if start is not None}
    key = str(found.report_id).encode()
    for message in read_partitions(settings, starts) if starts else ():
        if _key(message).partition(b"/")[0] == key:
            yield _hop(settings, message)


def _key(message: Message) -> bytes:
    key = message.key() or b""
    return key.encode() if isinstance(key, str) else key


def _hop(settings: Settings, message: Message) -> Hop:
    raw = raw_message(settings, message)
    read = read_message(raw)
    place = raw.topic, raw.partition, raw.offset, datetime.fromtimestamp(raw.written_ms / 1000, UTC)
    if not isinstance(read, Received):
        return Hop(*place, "unusable")
    if read.event is None:
        return Hop(*place, "tombstone")
    return Hop(*place, type(read.event).__name__, read.event, _detail(read.event))


def _detail(event: Event) -> str:
    """The few words by which operators know it; nothing that a citizen or an officer wrote."""
    match event:
        case ReportSubmission():
            return event.category
        case ReportUnroutable():
            return f"to headquarters: {event.reason}"
        case Routing():
            return f"to {event.owner.unit}"
        case CaseChange():
            return f"{event.case_number} version {event.version}: {event.status}, {event.owner.unit}, by {event.actor}"
        case ClockEvent():
            return f"{event.clock} {event.cycle}, due {event.due_at.isoformat(timespec='seconds')}"
        case NoticeEvent():
            why = f": {event.reason}" if isinstance(event, NoticeFailed) else ""
            return f"{event.kind} to {event.recipient or event.audience} by {event.channel}{why}"
        case PublicReport():
            return f"version {event.version}: {event.status}"
        case ReportImported():
            return f"{event.source} {event.object_id}, version {event.version}: {event.status}, {event.owner.unit}"
        case Referral():
            return str(event.referral_id)
        case _:
            return ""
