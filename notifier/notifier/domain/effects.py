"""What a batch of events changes: from what is known and what was read to everything that is to be written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.agencies import Agencies, AgencyChannel
from contracts.envelope import Envelope, Outgoing, Unusable, encode
from contracts.events.cases import CaseChange, CaseSupported
from contracts.events.notices import Audience, Channel
from contracts.events.reports import ErasureRequested
from contracts.policy.regions import NATION, Region
from contracts.policy.terms import Policy
from contracts.topics import NOTIFIER, referral_topic

from notifier.domain import reports, rules
from notifier.domain.details import ReferralState, referral_state, said_to_agency
from notifier.domain.notices import Notice, NoticeKind, ScheduledNotice
from notifier.domain.recipients import POLICE, Directory, Entry, recipient_entry
from notifier.domain.regions.told import is_told_here
from notifier.domain.reports import Report
from notifier.domain.withdrawals import Withdrawal, withdrawal


@dataclass(frozen=True, slots=True)
class Configuration:
    """What decides beside the events: terms, directory, agencies, how long an address may wait for its confirmation.

    `on_duty`: the desks, by code, whose roster names an address now. `region`: what this instance answers for.
    """

    policy: Policy
    directory: Directory
    agencies: Agencies
    confirm_within: timedelta
    on_duty: frozenset[str] = frozenset()
    region: Region = NATION

    def entry(self, audience: Audience, code: str) -> Entry:
        """How a recipient is notified, an agency as it says itself. Raises KeyError for citizens.

        Raises Unusable for an agency that nobody has said anything of: a referral is kept for when somebody has, and
        never dropped.
        """
        if audience is Audience.AGENCY and self.agencies.find(code) is None:
            raise Unusable("agency", f"no agency has the code {code}")
        return recipient_entry(self.directory, self.agencies, audience, code)

    def writes_letters_to(self, code: str | None) -> bool:
        """Whether an agency is reached on paper."""
        agency = self.agencies.find(code or "")
        return agency is not None and agency.channel is AgencyChannel.LETTER

    def channels(self, audience: Audience, code: str) -> tuple[Channel, ...]:
        """The channels of a recipient, an agency's topic first. Raises as `entry`."""
        channels = self.entry(audience, code).channels
        agency = self.agencies.find(code) if audience is Audience.AGENCY else None
        return (Channel.TOPIC, *channels) if agency and agency.channel is AgencyChannel.TOPIC else channels


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message about a report: its event, or None for the tombstone of a contact."""

    report_id: UUID
    envelope: Envelope | None


@dataclass(frozen=True, slots=True)
class Referral:
    """What is said of a referral on an agency's topic, with the notice it is the delivery of."""

    notice: ScheduledNotice
    message: Outgoing


@dataclass(frozen=True, slots=True)
class Effects:
    """What a batch makes necessary. Only what the ledger lacks counts of `notices` and `referrals`.

    `referral_states`: what it tells of referrals, whichever way the agency is told. `erasures_requested`: reports whose
    citizens want their contact erased; `contacts_removed`: those whose contact is gone from its topic.
    """

    reports: list[Report]
    notices: list[ScheduledNotice]
    referrals: list[Referral]
    referral_states: list[ReferralState]
    withdrawals: list[Withdrawal]
    erasures_requested: list[UUID]
    contacts_removed: list[UUID]

    @property
    def withdrawn_steps(self) -> set[UUID]:
        """Steps of clocks that nobody is to be notified of any more."""
        return {step for withdrawal in self.withdrawals for step in withdrawal.steps}

    @property
    def withdrawn_misses(self) -> set[UUID]:
        """Those of them that were wrong, so that who was notified is owed a correction."""
        return {step for withdrawal in self.withdrawals for step in withdrawal.misses}


def effects(
    configuration: Configuration, known: Mapping[UUID, Report], arrivals: Sequence[Arrival], now: datetime
) -> Effects:
    """What the batch changes. Raises Unusable before the first terms, and for an agency nobody knows.

    `known` holds the reports that the batch is about, see `report_ids`, and all that follow them since a merger.
    """
    envelopes = [arrival.envelope for arrival in arrivals if arrival.envelope]
    events = [envelope.data for envelope in envelopes]
    told_here = [envelope for envelope in envelopes if is_told_here(configuration.region, envelope)]
    after = _reports_after(configuration, known, arrivals)
    scheduled = [
        *_notices_of_events(configuration, told_here, now),
        *_notices_to_citizens(configuration, after.values(), now),
    ]
    return Effects(
        reports=[report for report_id, report in after.items() if report != known[report_id]],
        notices=scheduled,
        referrals=_referrals(configuration, told_here, scheduled),
        referral_states=[told for e in told_here if (told := referral_state(e.data, configuration.policy))],
        withdrawals=[withdrawn for withdrawn in map(withdrawal, envelopes) if withdrawn],
        erasures_requested=[event.report_id for event in events if isinstance(event, ErasureRequested)],
        contacts_removed=[arrival.report_id for arrival in arrivals if arrival.envelope is None],
    )


def report_ids(arrivals: Iterable[Arrival]) -> set[UUID]:
    """The reports that messages are about: their own, and those whose cases ended in theirs."""
    ids = set()
    for arrival in arrivals:
        event = arrival.envelope.data if arrival.envelope else None
        absorbed = event.absorbed if isinstance(event, CaseSupported) else None
        ids |= {arrival.report_id, absorbed or arrival.report_id}
    return ids


def _reports_after(
    configuration: Configuration, known: Mapping[UUID, Report], arrivals: Iterable[Arrival]
) -> dict[UUID, Report]:
    after = dict(known)
    for arrival in arrivals:
        report = after[arrival.report_id]
        if arrival.envelope is None:
            after[arrival.report_id] = reports.without_contact(report)
            continue
        try:
            after[arrival.report_id] = reports.apply(report, arrival.envelope, configuration.policy)
        except LookupError as error:
            raise Unusable("terms", str(error)) from error
        event = arrival.envelope.data
        if isinstance(event, CaseSupported) and event.absorbed is not None:
            after[event.absorbed] = reports.merged(after[event.absorbed], event)
    return {report_id: reports.followed(report, after) for report_id, report in after.items()}


def _notices_of_events(
    configuration: Configuration, envelopes: Iterable[Envelope], now: datetime
) -> Iterator[ScheduledNotice]:
    """What the events give rise to by themselves, for everybody in the directory, by each of their channels."""
    for envelope in envelopes:
        for decided in rules.notices(envelope, configuration.policy):
            on_paper = decided.kind is NoticeKind.CASE_REFERRED and configuration.writes_letters_to(decided.recipient)
            notice = rules.letter_to_print(decided, envelope.data) if on_paper else decided
            if notice.recipient is not None:
                entry = configuration.entry(notice.audience, notice.recipient)
                channels = configuration.channels(notice.audience, notice.recipient)
                if _calls_duty(notice) and notice.recipient in configuration.on_duty:
                    channels = (Channel.EMAIL, *(channel for channel in channels if channel is not Channel.EMAIL))
                for channel in channels:
                    yield ScheduledNotice(notice, channel, entry.due_at(now, notice.digest))


def _calls_duty(notice: Notice) -> bool:
    """Whether a notice goes to whoever is on duty: what the police can't wait with."""
    return not notice.digest and notice.audience in POLICE


def _notices_to_citizens(
    configuration: Configuration, after: Iterable[Report], now: datetime
) -> Iterator[ScheduledNotice]:
    """What citizens should have been sent by now, given again with every event of their report."""
    for report in after:
        for notice in reports.citizen_notices(report, now, configuration.confirm_within):
            yield ScheduledNotice(notice, Channel.EMAIL, now)


def _referrals(
    configuration: Configuration, envelopes: Iterable[Envelope], scheduled: Iterable[ScheduledNotice]
) -> list[Referral]:
    """What the batch says to agencies of referrals, each once."""
    causes = {envelope.id: envelope for envelope in envelopes}
    on_topics = {notice.id: notice for notice in scheduled if notice.channel is Channel.TOPIC}
    return [Referral(notice, _message(causes[notice.notice.cause], configuration)) for notice in on_topics.values()]


def _message(envelope: Envelope, configuration: Configuration) -> Outgoing:
    """What the agency reads on its topic."""
    change = envelope.data
    assert isinstance(change, CaseChange)
    said = said_to_agency(change, configuration.policy)
    return encode(said, source=NOTIFIER, at=change.changed_at, cause=envelope, topic=referral_topic(said.agency))
