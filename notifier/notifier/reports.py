"""What is known of each report and of the citizen who left a contact: enough to write to them, and no more.

Events come in any order and more than once; what is known does not depend on that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from contracts.base import HEADQUARTERS, Owner
from contracts.cases import CaseChange, CasesMerged
from contracts.envelope import Envelope
from contracts.notices import Audience
from contracts.reports import ReportContact, ReportSubmitted
from contracts.routing import ReportRouted, ReportUnroutable
from contracts.statuses import CLOSED, Language
from contracts.terms import Policy

from notifier.domain import notices
from notifier.notices import Facts, Matter, Notice


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as it came, sealed; None in `sealed` once erased. An erased contact stays erased."""

    sealed: str | None = None
    language: Language = "pl"
    cause: UUID | None = None
    left_at: datetime | None = None
    confirmed_at: datetime | None = None

    @property
    def erased(self) -> bool:
        return self.sealed is None


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `exists` once it is on the log as submitted; `news` is the newest a citizen could be told."""

    report_id: UUID
    exists: bool = False
    category: str | None = None
    case_number: str | None = None
    unit: str | None = None
    unit_name: str | None = None
    version: int = 0
    closed: bool = False
    news: Notice | None = None
    contact: Contact | None = None


def learn(known: Report, envelope: Envelope, policy: Policy) -> Report:
    """What is known after an event. A case's newest version wins; before the first, what intake and routing said."""
    event = envelope.data
    match event:
        case ReportSubmitted():
            return replace(known, exists=True, category=known.category or event.category)
        case ReportRouted():
            return _owned(known, event.owner)
        case ReportUnroutable():
            return _owned(known, HEADQUARTERS)
        case ReportContact() if known.contact is None:
            contact = Contact(event.sealed, event.language, envelope.id, envelope.time)
            return replace(known, contact=contact)
        case CaseChange():
            newest = _changed(known, event) if event.version > known.version else known
            return replace(newest, news=_newer(known.news, _for_citizen(notices(envelope, policy))))
        case _:
            return known


def erased(known: Report) -> Report:
    """The report without its contact, also where the contact itself is still to be read."""
    return replace(known, contact=replace(known.contact or Contact(), sealed=None))


def owed(report: Report, now: datetime, confirm_within: timedelta) -> Iterator[Notice]:
    """What the citizen should have been told by now: whether to write at all, and once they said yes, the news."""
    contact = report.contact
    if contact is None or contact.erased or contact.cause is None or not report.exists:
        return
    if contact.confirmed_at is not None:
        if report.news is not None:
            yield report.news
    elif not report.closed and contact.left_at is not None and in_time(contact, now, confirm_within):
        yield Notice(
            cause=contact.cause,
            report_id=report.report_id,
            matter=Matter.CONFIRM_ADDRESS,
            audience=Audience.CITIZEN,
            recipient=None,
            digest=False,
            version=0,
            facts=Facts(category=report.category, due_at=contact.left_at + confirm_within),
        )


def in_time(contact: Contact, now: datetime, confirm_within: timedelta) -> bool:
    """Whether an address may still be confirmed."""
    return contact.left_at is not None and now < contact.left_at + confirm_within


def _for_citizen(told: Iterable[Notice]) -> Iterator[Notice]:
    return (notice for notice in told if notice.audience is Audience.CITIZEN)


def _owned(known: Report, owner: Owner) -> Report:
    """Routing's word counts until there is a case, and the first one: a correction of the place needs a case."""
    if known.unit is not None:
        return known
    return replace(known, unit=owner.unit, unit_name=owner.unit_name)


def _changed(known: Report, case: CaseChange) -> Report:
    return replace(
        known,
        category=case.category,
        case_number=case.case_number,
        unit=case.owner.unit,
        unit_name=case.owner.unit_name,
        version=case.version,
        closed=isinstance(case, CasesMerged) or case.status in CLOSED,
    )


def _newer(known: Notice | None, told: Iterable[Notice]) -> Notice | None:
    """A change that arrives late is no news after a later one."""
    return max((each for each in (known, *told) if each is not None), key=lambda each: each.version, default=None)
