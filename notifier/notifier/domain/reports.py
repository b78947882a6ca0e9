"""What is known of each report and of the citizen who left a contact: enough to write to them, and no more.

Events come in any order and more than once; what is known does not depend on that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from contracts.base import Owner
from contracts.envelope import Envelope
from contracts.events.cases import CaseChange, CasesMerged, CaseSupported
from contracts.events.notices import Audience
from contracts.events.reports import ReportContact, ReportSubmission
from contracts.events.routing import Routing
from contracts.policy.terms import Policy
from contracts.statuses import CLOSED, Language

from notifier.domain.details import verify_by
from notifier.domain.notices import Details, Notice, NoticeKind
from notifier.domain.rules import notices


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as it came, sealed; None in `sealed` once erased. An erased contact stays erased.

    `cause` is the id of the event that brought it, `given_at` that event's time; both None while it is still to come.
    """

    sealed: str | None = None
    language: Language = "pl"
    cause: UUID | None = None
    given_at: datetime | None = None
    confirmed_at: datetime | None = None

    @property
    def erased(self) -> bool:
        """Whether nothing may be written to it any more."""
        return self.sealed is None


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `submitted` once `ReportSubmitted` was read; `version` is the case's, 0 before there is one.

    `verify_by`: the deadline of its newest verification. `citizen_notice` is the newest the citizen could be given,
    whether or not they may be written to.

    `merged_into`: the report whose case goes on for this one too, from its version `followed_from`; what its citizens
    are told then, this one's are told as `followed_notice`, and this one is closed when that is.
    """

    report_id: UUID
    submitted: bool = False
    category: str | None = None
    case_number: str | None = None
    unit: str | None = None
    unit_name: str | None = None
    version: int = 0
    closed: bool = False
    verify_by: datetime | None = None
    citizen_notice: Notice | None = None
    merged_into: UUID | None = None
    followed_from: int = 0
    followed_notice: Notice | None = None
    contact: Contact | None = None


class ConfirmationState(StrEnum):
    """Whether a citizen may be written to: asked and not answered, confirmed, erased just now, or no such contact."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    ERASED = "erased"
    NOT_FOUND = "not found"


def apply(report: Report, envelope: Envelope, policy: Policy) -> Report:
    """The report after an event. A case's newest version wins; before the first, what intake and routing said.

    Raises LookupError for a case change from before the first terms.
    """
    event = envelope.data
    match event:
        case ReportSubmission():
            return replace(report, submitted=True, category=report.category or event.category)
        case Routing():
            return _with_owner(report, event.owner)
        case ReportContact() if report.contact is None:
            return replace(report, contact=Contact(event.sealed, event.language, envelope.id, envelope.time))
        case CaseChange():
            newest = _with_change(report, event) if event.version > report.version else report
            return replace(
                newest,
                verify_by=max(filter(None, (report.verify_by, verify_by(event, policy))), default=None),
                citizen_notice=_newest_citizen_notice(report, envelope, policy),
            )
        case _:
            return report


def merged(report: Report, supported: CaseSupported) -> Report:
    """The report whose case ended in the supported one, which it follows from now on."""
    return replace(report, merged_into=supported.report_id, followed_from=supported.version)


def followed(report: Report, known: Mapping[UUID, Report]) -> Report:
    """The report with what has become of the one whose case goes on for it; that one may follow another in turn.

    It stays as it is where that one is not known. `known` may not hold a circle: what is merged goes on no more.
    """
    if report.merged_into is None or report.merged_into not in known:
        return report
    target = followed(known[report.merged_into], known)
    news = target.followed_notice or target.citizen_notice
    report = replace(report, closed=target.closed)
    # What another reporter is asked is not this one's to answer: their page does not show it.
    if (
        news is None
        or news.kind is NoticeKind.QUESTION
        or (news is target.citizen_notice and news.version <= report.followed_from)
    ):
        return report
    # Its versions go on from those of the case that ended, so that it is the newer of both.
    notice = replace(
        news,
        cause=uuid5(news.cause, str(report.report_id)),
        report_id=report.report_id,
        version=report.version + news.version,
        details=replace(
            news.details,
            case_number=report.case_number or news.details.case_number,
            into_number=news.details.into_number or news.details.case_number,
        ),
    )
    return replace(report, followed_notice=notice)


def without_contact(report: Report) -> Report:
    """The report with its contact erased, also where the contact itself is still to be read."""
    return replace(report, contact=replace(report.contact or Contact(), sealed=None))


def citizen_notices(report: Report, now: datetime, confirm_within: timedelta) -> Iterator[Notice]:
    """What the citizen should have been sent by now: first the question, and once they said yes, the newest notice."""
    contact = report.contact
    if contact is None or contact.erased or contact.cause is None or not report.submitted:
        return
    if contact.confirmed_at is not None:
        yield from filter(None, (report.citizen_notice, report.followed_notice))
    elif not report.closed and contact.given_at is not None and confirmable(contact, now, confirm_within):
        yield Notice(
            cause=contact.cause,
            report_id=report.report_id,
            kind=NoticeKind.CONFIRM_ADDRESS,
            audience=Audience.CITIZEN,
            recipient=None,
            digest=False,
            version=0,
            details=Details(category=report.category, due_at=contact.given_at + confirm_within),
        )


def confirmable(contact: Contact, now: datetime, confirm_within: timedelta) -> bool:
    """Whether an address may still be confirmed (docs/decisions/0004)."""
    return contact.given_at is not None and now < contact.given_at + confirm_within


def confirmation_state(contact: Contact | None, now: datetime, confirm_within: timedelta) -> ConfirmationState:
    """Whether the citizen may be written to. A contact that is erased, or was not confirmed in time, is not found."""
    if contact is None or contact.erased:
        return ConfirmationState.NOT_FOUND
    if contact.confirmed_at is not None:
        return ConfirmationState.CONFIRMED
    return ConfirmationState.ASKED if confirmable(contact, now, confirm_within) else ConfirmationState.NOT_FOUND


def _with_owner(report: Report, owner: Owner) -> Report:
    """Routing's answer counts until there is a case, and the first one: a correction of the place needs a case."""
    if report.unit is not None:
        return report
    return replace(report, unit=owner.unit, unit_name=owner.unit_name)


def _with_change(report: Report, change: CaseChange) -> Report:
    return replace(
        report,
        category=change.category,
        case_number=change.case_number,
        unit=change.owner.unit,
        unit_name=change.owner.unit_name,
        version=change.version,
        closed=report.closed if report.merged_into else change.status in CLOSED and not isinstance(change, CasesMerged),
    )


def _newest_citizen_notice(report: Report, envelope: Envelope, policy: Policy) -> Notice | None:
    """A change that arrives late is no news after a later one."""
    candidates = [notice for notice in notices(envelope, policy) if notice.audience is Audience.CITIZEN]
    if report.citizen_notice is not None:
        candidates.insert(0, report.citizen_notice)
    return max(candidates, key=lambda notice: notice.version, default=None)
