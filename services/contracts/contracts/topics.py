"""The registry of topics: name, key, partitions, retention, who writes, who reads, what is said there.

The only place a topic's name is written. Topics, access rules, subscriptions and the documentation come from it.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from contracts.base import Event
from contracts.events import cases, clocks, districts, notices, public, referrals, reports, routing

# Fixed for ever: a partition added later breaks the order of the events of one report.
PARTITIONS = 12
REPLICATION = 3
MIN_IN_SYNC = 2

INTAKE, ROUTING, CASEWORK = "intake", "routing", "casework"
SLA_MONITOR, NOTIFIER, PUBLIC_MAP = "sla-monitor", "notifier", "public-map"
SERVICES = (INTAKE, ROUTING, CASEWORK, SLA_MONITOR, NOTIFIER, PUBLIC_MAP)
OPERATORS, ANYONE, IMPORT = "operators", "anyone", "boundary-import"

# Code and name of each agency a confirmed threat can be handed to; a new one gets its pair of topics by standing here.
AGENCIES: dict[str, str] = {
    "road-manager": "Zarządca drogi",
    "city-guard": "Straż miejska / gminna",
    "forest-guard": "Straż Leśna",
    "railways": "Zarządca infrastruktury kolejowej",
    "social-care": "Ośrodek pomocy społecznej",
}


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `retention` None keeps for ever; `compacted` keeps the newest message of each key."""

    name: str
    says: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    events: tuple[type[Event], ...] = ()
    partitions: int = PARTITIONS
    compacted: bool = False
    retention: timedelta | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def cleanup(self) -> str:
        return "compact" if self.compacted else "delete"

    @property
    def config(self) -> dict[str, str]:
        """The topic's settings as Kafka names them, replication apart."""
        retention_ms = -1 if self.retention is None else int(self.retention.total_seconds() * 1000)
        kept = {} if self.compacted else {"retention.ms": str(retention_ms), "retention.bytes": "-1"}
        return {
            "cleanup.policy": self.cleanup,
            "unclean.leader.election.enable": "false",
            **kept,
            **self.settings,
        }


REPORT_SUBMITTED = Topic(
    name="kmzb.internal.report-submitted.v1",
    says="a report exists",
    writers=(INTAKE,),
    readers=(ROUTING, SLA_MONITOR, CASEWORK, PUBLIC_MAP, NOTIFIER),
    events=(reports.ReportSubmitted,),
)
CONTENT = Topic(
    name="kmzb.internal.content.v1",
    says="the citizen's words and photo references; a tombstone erases them",
    writers=(INTAKE, CASEWORK),
    readers=(CASEWORK,),
    events=(reports.ReportContent,),
    compacted=True,
)
CONTACT = Topic(
    name="kmzb.internal.contact.v1",
    says="a contact, sealed to the notifier's key; a tombstone erases it",
    writers=(INTAKE, NOTIFIER),
    readers=(NOTIFIER,),
    events=(reports.ReportContact,),
    compacted=True,
)
FOLLOW_UP = Topic(
    name="kmzb.internal.follow-up.v1",
    says="what a citizen says after sending",
    writers=(INTAKE,),
    readers=(CASEWORK, NOTIFIER),
    events=(reports.ReportSupported, reports.ReportContested, reports.ErasureRequested),
)
REPORT_ROUTED = Topic(
    name="kmzb.internal.report-routed.v1",
    says="the district that answers, or that none was found",
    writers=(ROUTING,),
    readers=(CASEWORK, SLA_MONITOR, NOTIFIER, PUBLIC_MAP),
    events=(routing.ReportRouted, routing.ReportUnroutable),
)
CASE_CHANGED = Topic(
    name="kmzb.internal.case-changed.v1",
    says="every change of a case, in one order per report",
    writers=(CASEWORK,),
    readers=(SLA_MONITOR, NOTIFIER, PUBLIC_MAP, ROUTING),
    events=(
        cases.CaseOpened,
        cases.CaseTakenUp,
        cases.CaseTasked,
        cases.CheckRecorded,
        cases.CaseConfirmed,
        cases.CaseUnconfirmed,
        cases.CaseRejected,
        cases.CaseReferred,
        cases.CaseAcknowledged,
        cases.CaseReturned,
        cases.CaseEliminated,
        cases.CaseTransferred,
        cases.CaseCorrected,
        cases.CaseReopened,
        cases.CaseSupported,
        cases.CasesMerged,
    ),
)
CLOCK = Topic(
    name="kmzb.internal.clock.v1",
    says="a clock started, a deadline nears, is missed or escalated, a clock stopped",
    writers=(SLA_MONITOR,),
    readers=(NOTIFIER, CASEWORK, PUBLIC_MAP),
    events=(
        clocks.ClockStarted,
        clocks.DeadlineApproaching,
        clocks.DeadlineMissed,
        clocks.DeadlineEscalated,
        clocks.ClockStopped,
    ),
)
NOTICE = Topic(
    name="kmzb.internal.notice.v1",
    says="what became of each notice",
    writers=(NOTIFIER,),
    readers=(OPERATORS,),
    events=(notices.NoticeSent, notices.NoticeUncertain, notices.NoticeFailed),
    retention=timedelta(days=90),
)
DISTRICT = Topic(
    name="kmzb.internal.district.v1",
    says="districts and, last of each version, the set that puts them in force",
    writers=(IMPORT,),
    readers=(ROUTING, CASEWORK),
    events=(districts.District, districts.DistrictSet),
    partitions=1,
    compacted=True,
    settings={"max.message.bytes": str(8 * 1024 * 1024)},
)
PUBLIC_REPORT = Topic(
    name="kmzb.public.report.v1",
    says="what the public map shows; a tombstone when a report leaves it",
    writers=(PUBLIC_MAP,),
    readers=(ANYONE,),
    events=(public.PublicReport,),
    compacted=True,
    settings={"delete.retention.ms": str(30 * 24 * 3600 * 1000)},
)

REFERRALS = {
    agency: Topic(
        name=f"kmzb.partner.{agency}.referral.v1",
        says=f"confirmed threats handed to: {name}",
        writers=(NOTIFIER,),
        readers=(agency,),
        events=(referrals.ReferralMade,),
        retention=timedelta(days=30),
    )
    for agency, name in AGENCIES.items()
}
ANSWERS = {
    agency: Topic(
        name=f"kmzb.partner.{agency}.answer.v1",
        says=f"what they answer: {name}",
        writers=(agency,),
        readers=(CASEWORK,),
        events=(
            referrals.ReferralAcknowledged,
            referrals.ReferralProgressed,
            referrals.ReferralDeclined,
            referrals.ReferralClosed,
        ),
        retention=timedelta(days=30),
    )
    for agency, name in AGENCIES.items()
}
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

TOPICS: tuple[Topic, ...] = (
    REPORT_SUBMITTED,
    CONTENT,
    CONTACT,
    FOLLOW_UP,
    REPORT_ROUTED,
    CASE_CHANGED,
    CLOCK,
    NOTICE,
    DISTRICT,
    PUBLIC_REPORT,
    *REFERRALS.values(),
    *ANSWERS.values(),
    *DEAD_LETTERS.values(),
)
BY_NAME = {topic.name: topic for topic in TOPICS}
EVENTS: dict[str, type[Event]] = {event.__name__: event for topic in TOPICS for event in topic.events}
_HOME = {event: topic for topic in TOPICS for event in topic.events if not topic.name.startswith("kmzb.partner.")}


def topic_of(event: Event) -> Topic:
    """The topic an event belongs to. Partner events name theirs through REFERRALS and ANSWERS instead.

    Raises KeyError for an event that is at home on no one topic.
    """
    return _HOME[type(event)]
