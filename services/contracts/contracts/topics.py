"""The registry of topics: name, key, partitions, retention, who writes, who reads, what is said there.

The only place a topic's name is written. Topics, access rules, subscriptions and the documentation come from it.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from itertools import pairwise

from contracts.agencies import Agency
from contracts.base import Event, ReportEvent
from contracts.events import cases, clocks, districts, notices, progress, public, referrals, reports, routing
from contracts.events.duty import rosters, surges
from contracts.events.regions.handovers import CaseHandedOver
from contracts.topic import AGENCY_CODE as AGENCY_CODE
from contracts.topic import CONTENT_KEY, PARTNER_PARTITIONS, WORDS_KEY
from contracts.topic import PARTITIONS as PARTITIONS
from contracts.topic import Topic as Topic

REPLICATION, MIN_IN_SYNC = 3, 2
INTAKE, ROUTING, CASEWORK = "intake", "routing", "casework"
SLA_MONITOR, NOTIFIER, PUBLIC_MAP = "sla-monitor", "notifier", "public-map"
SERVICES = (INTAKE, ROUTING, CASEWORK, SLA_MONITOR, NOTIFIER, PUBLIC_MAP)
OPERATORS, ANYONE, IMPORT = "operators", "anyone", "boundary-import"
OURS = frozenset({*SERVICES, OPERATORS, ANYONE, IMPORT})  # no agency's code: it would be taken for one of these

REPORT_SUBMITTED = Topic(
    name="kmzb.internal.report-submitted.v1",
    says="a report exists",
    writers=(INTAKE,), readers=(ROUTING, SLA_MONITOR, CASEWORK, PUBLIC_MAP, NOTIFIER, INTAKE),
    events=(reports.ReportSubmitted,), base=reports.ReportSubmission,
)  # fmt: skip
CONTENT = Topic(
    name="kmzb.internal.content.v1",
    says="the citizen's words and photo references; a tombstone erases them",
    writers=(INTAKE, CASEWORK), readers=(CASEWORK,), compacted=True, key=CONTENT_KEY,
    events=(reports.ReportContent, reports.FollowUpWords), base=ReportEvent,
)  # fmt: skip
TO_REPORTER = Topic(
    name="kmzb.internal.to-reporter.v1",
    says="what officers write to the one who reported; a tombstone erases it",
    writers=(CASEWORK,), readers=(PUBLIC_MAP,), compacted=True, key=WORDS_KEY,
    events=(cases.WordsToReporter,), base=ReportEvent,
)  # fmt: skip
CONTACT = Topic(
    name="kmzb.internal.contact.v1",
    says="a contact, sealed to the notifier's key; a tombstone erases it",
    writers=(INTAKE, NOTIFIER), readers=(NOTIFIER,), compacted=True,
    events=(reports.ReportContact,), base=ReportEvent,
)  # fmt: skip
FOLLOW_UP = Topic(
    name="kmzb.internal.follow-up.v1",
    says="what a citizen says after sending",
    writers=(INTAKE,), readers=(CASEWORK, NOTIFIER, PUBLIC_MAP),
    events=reports.FOLLOW_UPS, base=reports.FollowUp,
)  # fmt: skip
REPORT_ROUTED = Topic(
    name="kmzb.internal.report-routed.v1",
    says="the district that answers, or that none was found",
    writers=(ROUTING,), readers=(CASEWORK, SLA_MONITOR, NOTIFIER, PUBLIC_MAP),
    events=(routing.ReportRouted, routing.ReportUnroutable), base=routing.Routing,
)  # fmt: skip
CASE_CHANGED = Topic(
    name="kmzb.internal.case-changed.v1",
    says="every change of a case, in one order per report",
    writers=(CASEWORK,), readers=(SLA_MONITOR, NOTIFIER, PUBLIC_MAP, ROUTING),
    events=cases.CHANGES, base=cases.CaseChange,
)  # fmt: skip
HAND_OVER = Topic(
    name="kmzb.internal.hand-over.v1",
    says="a case goes to another region: all its state, for the casework that goes on with it",
    writers=(CASEWORK,), readers=(CASEWORK,), events=(CaseHandedOver,), base=CaseHandedOver,
)  # fmt: skip
ROSTER = Topic(
    name="kmzb.internal.roster.v1",
    says="to whom a desk's urgent messages go and when: the newest roster of each",
    writers=(CASEWORK,), readers=(NOTIFIER,), compacted=True, key=rosters.DESK_KEY,
    events=(rosters.RosterChanged,), base=rosters.RosterChanged,
)  # fmt: skip
SURGE = Topic(
    name="kmzb.internal.surge.v1",
    says="many reports hit one place: an alarm is raised, goes up, is acknowledged",
    writers=(CASEWORK,), readers=(NOTIFIER,), events=surges.SURGES, base=surges.SurgeEvent,
)  # fmt: skip
CLOCK = Topic(
    name="kmzb.internal.clock.v1",
    says="a clock started, a deadline nears, is missed or escalated, a clock stopped",
    writers=(SLA_MONITOR,), readers=(NOTIFIER, CASEWORK, PUBLIC_MAP),
    events=clocks.EVENTS, base=clocks.ClockEvent,
)  # fmt: skip
PROGRESS = Topic(
    name="kmzb.internal.progress.v1",
    says="until when everything a service committed is on the log, said several times a second",
    writers=(CASEWORK,), readers=(SLA_MONITOR,),
    events=(progress.OutboxPublished,), base=progress.OutboxPublished, partitions=1,
    # Only the newest counts. A segment that is still written to is never deleted, so it is closed soon.
    retention=timedelta(hours=1), settings={"segment.ms": str(10 * 60 * 1000)},
)  # fmt: skip
NOTICE = Topic(
    name="kmzb.internal.notice.v1",
    says="what became of each notice",
    writers=(NOTIFIER,), readers=(OPERATORS,), retention=timedelta(days=90),
    events=(notices.NoticeSent, notices.NoticeUncertain, notices.NoticeFailed), base=notices.NoticeEvent,
)  # fmt: skip
DISTRICT = Topic(
    name="kmzb.internal.district.v1",
    says="districts and, last of each version, the set that makes them current",
    writers=(IMPORT,), readers=(ROUTING, CASEWORK, PUBLIC_MAP), compacted=True, partitions=1, key=districts.KEY,
    events=(districts.District, districts.DistrictSet), settings={"max.message.bytes": str(8 * 1024 * 1024)},
)  # fmt: skip
AGENCY = Topic(
    name="kmzb.internal.agency.v1",
    says="each agency threats can be handed to, as it is now",
    writers=(OPERATORS,), readers=(CASEWORK, NOTIFIER), events=(Agency,), base=Agency,
    key=AGENCY_CODE, partitions=1, compacted=True,
)  # fmt: skip
AGENCY_ANSWER = Topic(
    name="kmzb.internal.agency-answer.v1",
    says="what agencies answer by a link or the API, each naming the agency that the notifier knows it is from",
    writers=(NOTIFIER,), readers=(CASEWORK,), events=referrals.ANSWERS, base=referrals.ReferralAnswer,
)  # fmt: skip
HISTORY = Topic(
    name="kmzb.internal.history.v1",
    says="reports of another system, for the map alone: nobody works on them",
    writers=(OPERATORS,), readers=(PUBLIC_MAP,), events=(public.ReportImported,), base=public.ReportImported,
)  # fmt: skip
PUBLIC_REPORT = Topic(
    name="kmzb.public.report.v1",
    says="what the public map shows; a tombstone when a report leaves it",
    writers=(PUBLIC_MAP,), readers=(ANYONE, PUBLIC_MAP), events=(public.PublicReport,), base=public.PublicReport,
    compacted=True, settings={"delete.retention.ms": str(30 * 24 * 3600 * 1000)},
)  # fmt: skip

DEAD_LETTERS = {
    service: Topic(
        name=f"kmzb.internal.dead-letter.{service}.v1",
        says=f"what {service} could not use, untouched, with the reason",
        writers=(service,),
        readers=(OPERATORS,),
        retention=timedelta(days=90),
        # A dead letter holds the original and its story beside it, so it may be larger than any original.
        settings={"max.message.bytes": str(9 * 1024 * 1024)},
    )
    for service in SERVICES
}

HEARTBEATS = {
    reader: Topic(
        name=f"kmzb.internal.heartbeat.{reader}.v1",
        says=f"once a minute, that everything before {reader} works",
        writers=(writer,), readers=(reader,), events=(progress.Heartbeat,), base=progress.Heartbeat,
        partitions=1, retention=timedelta(days=1), settings={"segment.ms": str(6 * 3600 * 1000)},
    )
    for writer, reader in pairwise(SERVICES)
}  # fmt: skip
"""By who reads it: a heartbeat goes the way of a report, from each service to the next (docs/decisions/0096)."""

_DEFINED = [defined for defined in list(globals().values()) if isinstance(defined, Topic)]
TOPICS: tuple[Topic, ...] = (*_DEFINED, *DEAD_LETTERS.values(), *HEARTBEATS.values())
"""Every topic but the partners': how many of those there are is a matter of data (`AGENCY`)."""
_BY_NAME = {topic.name: topic for topic in TOPICS}
ANSWERS = rf"kmzb\.partner\.{AGENCY_CODE}\.answer\.v1"
"""The pattern of all agencies' topics of answers: whoever reads by it reads those made tomorrow, too."""
_PARTNER = re.compile(rf"kmzb\.partner\.({AGENCY_CODE})\.(referral|answer)\.v1")


@cache
def referral_topic(agency: str) -> Topic:
    """Where threats are handed to an agency. Raises ValueError for what can't be an agency's code."""
    return Topic(
        name=f"kmzb.partner.{_checked(agency)}.referral.v1",
        says=f"confirmed threats handed to {agency}, and those taken back",
        writers=(NOTIFIER,),
        readers=(agency,),
        events=(referrals.ReferralMade, referrals.ReferralWithdrawn),
        base=referrals.Referral,
        partitions=PARTNER_PARTITIONS,
        retention=timedelta(days=30),
    )


@cache
def answer_topic(agency: str) -> Topic:
    """Where an agency answers. Raises ValueError for what can't be an agency's code."""
    return Topic(
        name=f"kmzb.partner.{_checked(agency)}.answer.v1",
        says=f"what {agency} answers to referrals",
        writers=(agency,),
        readers=(CASEWORK,),
        events=referrals.ANSWERS,
        base=referrals.ReferralAnswer,
        partitions=PARTNER_PARTITIONS,
        retention=timedelta(days=30),
        # A reader unpacks a batch whole, into a thousand times its size at most. Answers have some hundred bytes.
        settings={"max.message.bytes": str(128 * 1024)},
    )


def partner_topics(agencies: Iterable[str]) -> tuple[Topic, ...]:
    """The pair of topics of each agency, by their codes."""
    return tuple(topic for agency in agencies for topic in (referral_topic(agency), answer_topic(agency)))


def topic_named(name: str) -> Topic | None:
    """A topic by its name: of the registry, or of any partner, whether or not such an agency exists; else None."""
    if partner := _PARTNER.fullmatch(name):
        agency, direction = partner.groups()
        return referral_topic(agency) if direction == "referral" else answer_topic(agency)
    return _BY_NAME.get(name)


def agency_of(topic: Topic) -> str | None:
    """The code of the agency a partner topic belongs to; None for every other topic."""
    partner = _PARTNER.fullmatch(topic.name)
    return partner[1] if partner else None


def others_write(topic: Topic) -> bool:
    """Whether others than our own programs write there: nothing they write may stop us, or pile up with us."""
    return not set(topic.writers) <= {*SERVICES, IMPORT, OPERATORS}


def _checked(agency: str) -> str:
    if not re.fullmatch(AGENCY_CODE, agency) or agency in OURS:
        raise ValueError(f"{agency!r} can't be the code of an agency")
    return agency


EVENTS: dict[str, type[Event]] = {
    event.__name__: event for topic in (*TOPICS, *partner_topics(["any"])) for event in topic.events
}
_HOME = {event: topic for topic in _DEFINED for event in topic.events}


def topic_of(event: Event) -> Topic:
    """The topic an event belongs to. Partner events are sent with theirs, `referral_topic` or `answer_topic`, instead.

    Raises KeyError for an event that is at home on no one topic.
    """
    return _HOME[type(event)]
