"""What is to be written of a case: a transition, which is published, or a remark in its history, which is not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from contracts.envelope import Envelope
from contracts.events.cases import CaseChange, DecisionUpheld, QuestionAsked, Role

from casework.domain.case import Case

TO_REPORTERS = (QuestionAsked, DecisionUpheld)
"""The changes whose note is written to the one who reported."""
_OF_EVERY_CHANGE = frozenset(CaseChange.__struct_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One change of a case: its event, the state it leads to, and who made it why, or the event it followed from.

    `note` is the officer's words, which stay in the history; with a question, and with a decision that is upheld, they
    are written to the reporter. `role` is given where the event itself names only the
    system; `absorbed` is the report whose case ended in this one by it. `key` tells a check from the same sent again.
    """

    event: CaseChange
    after: Case
    officer: str | None = None
    role: Role | None = None
    note: str | None = None
    cause: Envelope | None = None
    absorbed: UUID | None = None
    key: str | None = None

    @property
    def to_reporter(self) -> str | None:
        """The words that are the reporter's to read."""
        return self.note if isinstance(self.event, TO_REPORTERS) else None

    @property
    def entry(self) -> dict[str, Any]:
        """The entry in the history, by column. What every change carries is not repeated in `detail`."""
        absorbed = {"absorbed": self.absorbed} if self.absorbed else {}
        return {
            "report_id": self.event.report_id,
            "version": self.event.version,
            "what": type(self.event).__name__,
            "at": self.event.changed_at,
            "role": self.role or self.event.actor,
            "officer": self.officer,
            "note": self.note,
            "detail": _own_fields(self.event) | absorbed,
            "cause": self.cause.id if self.cause else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """An event that was read about a case and changes nothing of it. `cause` is its id, `what` its type."""

    report_id: UUID
    what: str
    role: Role
    at: datetime
    cause: UUID
    detail: dict[str, Any]


def _own_fields(event: CaseChange) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(event)
    return {name: value for name, value in fields.items() if name not in _OF_EVERY_CHANGE and value is not None}
