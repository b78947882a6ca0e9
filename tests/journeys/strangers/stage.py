"""Where the examples are played: the running system with a case of its own, an officer of it, and its mailboxes."""

from collections.abc import Mapping
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from contracts.base import Event
from contracts.topics import Topic
from deploy.mailbox import messages
from journeys.journey import OPOLE, Journey, Receipt
from journeys.strangers.difficult import Difficult
from support.wait import eventually

E = TypeVar("E", bound=Event)


class Stage:
    """One running system, prepared for strangers. `folder` takes files."""

    def __init__(self, journey: Journey, difficult: Difficult, folder: Path) -> None:
        self.journey, self.difficult, self.folder = journey, difficult, folder
        self.coordinator = journey.officer("KMP-1661", "OPO")

    @cached_property
    def case(self) -> UUID:
        """A case of Opole's that was taken up."""
        return self.opened(take_up=True).report_id

    def opened(self, *, take_up: bool = False, place: tuple[float, float] = OPOLE, **report: Any) -> Receipt:
        """A new report, once it is a case its officer can see."""
        receipt = self.journey.send(*place, **report)
        officer = self.officer_of(receipt)
        eventually(lambda: self.journey.case(receipt.report_id, officer).is_success)
        if take_up:
            self.change(receipt, "take-up")
        return receipt

    def officer_of(self, receipt: Receipt) -> dict[str, str]:
        """The headers of a coordinator of the unit that answers for a report."""
        known = self.journey.receipt_when(receipt, lambda said: said["unit"] is not None, 15)
        if known["unit"] == "KGP":
            return self.journey.officer("KGP", "KGP", "headquarters")
        return self.journey.officer(known["unit"], known["garrison"])

    def change(self, receipt: Receipt, what: str, officer: Mapping[str, str] | None = None, **body: Any) -> None:
        """A change of a case that is taken."""
        answer = self.journey.change(receipt.report_id, what, officer or self.officer_of(receipt), **body)
        assert answer.is_success, answer.text

    def detail(self, receipt: Receipt) -> dict[str, Any]:
        """The case as its officer sees it."""
        detail: dict[str, Any] = self.journey.case(receipt.report_id, self.officer_of(receipt)).json()
        return detail

    def version(self, case: UUID) -> str:
        """The entity tag of a case's version."""
        return str(self.journey.case(case, self.coordinator).headers["ETag"])

    def events(self, topic: Topic, event: type[E], report_id: UUID) -> list[E]:
        """What was said of a report by now."""
        said = self.journey.events(topic)
        return [found for found in said if isinstance(found, event) and getattr(found, "report_id", None) == report_id]

    def mails_to(self, address: str) -> list[EmailMessage]:
        """What arrived at an address, oldest first."""
        return [mail for mail in messages(self.difficult.mail.folder) if address in str(mail["X-RcptTo"])]
