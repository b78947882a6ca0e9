"""What was said after sending, between the one who reported and officers: of the former that it was said, no words."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from contracts.base import Event
from contracts.events.cases import DecisionUpheld, QuestionAsked, WordsToReporter
from contracts.events.reports import (
    ErasureRequested,
    FollowUp,
    QuestionAnswered,
    ReportContested,
    ReportWithdrawn,
)

_KEPT = (ReportContested, ReportWithdrawn, QuestionAnswered, ErasureRequested)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What officers wrote to the one who reported with a version of the case; `what` is that change.

    The change and its words come in any order: None is still to come. Erased words never come again.
    """

    report_id: UUID
    version: int
    what: str | None = None
    question: int | None = None
    written_at: datetime | None = None
    words: str | None = None
    erased: bool = False

    @property
    def key(self) -> tuple[UUID, int]:
        return self.report_id, self.version

    def merged(self, other: "Letter") -> "Letter":
        """Both accounts in one."""
        erased = self.erased or other.erased
        return replace(
            self,
            what=self.what or other.what,
            question=self.question or other.question,
            written_at=self.written_at or other.written_at,
            words=None if erased else self.words or other.words,
            erased=erased,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """That the one who reported said something, first and last; `question` is the one they answered, else 0."""

    report_id: UUID
    what: str
    question: int = 0
    first_at: datetime
    last_at: datetime

    @property
    def key(self) -> tuple[UUID, str, int]:
        return self.report_id, self.what, self.question

    def merged(self, other: "Said") -> "Said":
        """Both accounts in one."""
        return replace(self, first_at=min(self.first_at, other.first_at), last_at=max(self.last_at, other.last_at))


def letters(events: Iterable[Event], erased: Iterable[str]) -> list[Letter]:
    """What events say of letters, and those that were `erased`, by their keys on the topic; each once, by key."""
    gone = (key.partition("/") for key in erased)
    return _merged(
        [
            *(letter for event in events if (letter := _letter(event))),
            *(Letter(report_id=UUID(report_id), version=int(version), erased=True) for report_id, _, version in gone),
        ]
    )


def said_after(events: Iterable[Event]) -> list[Said]:
    """What follow-ups say that the holder of the receipt is shown; each once, by key."""
    return _merged([_said(event) for event in events if isinstance(event, _KEPT)])


def _letter(event: Event) -> Letter | None:
    match event:
        case WordsToReporter():
            return Letter(report_id=event.report_id, version=event.version, words=event.text)
        case QuestionAsked() | DecisionUpheld():
            return Letter(
                report_id=event.report_id,
                version=event.version,
                what=type(event).__name__,
                question=event.question if isinstance(event, QuestionAsked) else None,
                written_at=event.changed_at,
            )
        case _:
            return None


def _said(event: FollowUp) -> Said:
    return Said(
        report_id=event.report_id,
        what=type(event).__name__,
        question=event.question if isinstance(event, QuestionAnswered) else 0,
        first_at=event.said_at,
        last_at=event.said_at,
    )


A = TypeVar("A", Letter, Said)


def _merged(accounts: Iterable[A]) -> list[A]:
    merged: dict[object, A] = {}
    for account in accounts:
        known = merged.get(account.key)
        merged[account.key] = known.merged(account) if known else account
    return [merged[key] for key in sorted(merged)]  # type: ignore[type-var]  # keys of one kind
