"""What is to be written of a case: a transition, which is published, or a remark in its history, which is not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.cases import CaseChange, Role
from contracts.envelope import Envelope

from casework.domain.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One change of a case: its event, the state it leads to, and who made it why, or the event it followed from.

    `note` is the officer's words, which stay in the history. `role` is given where the event itself names only the
    system; `absorbed` is the report whose case ended in this one by it.
    """

    event: CaseChange
    after: Case
    officer: str | None = None
    role: Role | None = None
    note: str | None = None
    cause: Envelope | None = None
    absorbed: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """An event that was read about a case and changes nothing of it. `cause` is its id, `what` its type."""

    report_id: UUID
    what: str
    role: Role
    at: datetime
    cause: UUID
    detail: dict[str, Any]
