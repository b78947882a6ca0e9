"""What was read of cases, what was known before, and what one step of it makes of a case."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.base import ReportEvent
from contracts.envelope import Envelope
from contracts.events.referrals import ReferralAnswer
from contracts.topics import AGENCY_ANSWER, Topic, agency_of

from casework.domain.case import Case
from casework.domain.records import Remark, Transition
from casework.domain.reports import RecordedFollowUp, Report

FollowUpKey = tuple[UUID, str, str]
NumberSeries = tuple[str, int]
"""What case numbers are counted in: a garrison's code and a year."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event that was read, with its context. `agency` is the one that answers, if it is an answer."""

    envelope: Envelope
    agency: str | None = None

    @property
    def event(self) -> ReportEvent:
        """The event itself. Only events about a report arrive."""
        assert isinstance(self.envelope.data, ReportEvent)
        return self.envelope.data

    @property
    def report_id(self) -> UUID:
        """The report the event is about."""
        return self.event.report_id


def arrival(envelope: Envelope, topic: Topic) -> Arrival:
    """What arrived on a topic. An agency's own says who answers, whatever the answer itself may say."""
    said = envelope.data.agency if isinstance(envelope.data, ReferralAnswer) and topic is AGENCY_ANSWER else None
    return Arrival(envelope, agency_of(topic) or said)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownState:
    """What was known, and locked, when a batch was read: of its reports and the cases they ended in.

    `follow_ups` are those not applied yet, and those the batch repeats. `referrals` says to which agency each referral
    the batch answers was made, by referral and report. `recorded` are the ids of answers that stand in the history.
    `numbers` are the case numbers claimed for the cases the batch opens. `absorbing`: those of its cases, led away to
    another instance, that other cases ended in.
    """

    reports: Mapping[UUID, Report]
    cases: Mapping[UUID, Case]
    follow_ups: Mapping[FollowUpKey, RecordedFollowUp]
    referrals: Mapping[tuple[UUID, UUID], str]
    recorded: Collection[UUID]
    numbers: Mapping[NumberSeries, Sequence[str]]
    absorbing: Collection[UUID] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one thing that was read makes of one case: its state then, with the transition or the remark to write."""

    case: Case
    record: Transition | Remark | None = None


Step = Callable[[Mapping[UUID, Case]], Outcome | None]
"""One thing that was read, put to the cases as everything before it left them; None where it concerns none of them."""
