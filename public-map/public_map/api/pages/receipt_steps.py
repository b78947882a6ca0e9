"""What a receipt says in words: one sentence on how the report stands, what comes next, and the steps in time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.events.cases import Answer
from contracts.events.clocks import Clock, ClockState
from contracts.policy.terms import Promise
from contracts.statuses import Status
from web.texts.catalogue import _

from public_map.domain.receipts import Receipt
from public_map.domain.timeline import TimelineEntry


@dataclass(frozen=True, slots=True)
class Saying:
    """An English message, translated where it is shown, with its values."""

    message: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step: done at `at`, or in the future and due by `due_at`. `icon` is a symbol of the sprite."""

    saying: Saying
    icon: str
    status: Status | None = None
    at: datetime | None = None
    due_at: datetime | None = None
    overdue: bool = False
    answer: Answer | None = None

    @property
    def is_done(self) -> bool:
        return self.at is not None


_STANDING = {
    Status.NEW: _("The report has reached %(unit)s and waits to be taken up."),
    Status.VERIFICATION: _("%(unit)s is checking the place."),
    Status.CONFIRMED: _("Confirmed: officers found it, and work to remove it."),
    Status.UNCONFIRMED: _("Not confirmed: officers did not find it."),
    Status.REFERRED: _("Confirmed, and passed to the body that can remove it."),
    Status.ELIMINATED: _("Done: the threat is removed."),
    Status.REJECTED: _("Closed as a joke or a mistake."),
}
_DONE = {
    Status.NEW: _("Sent"),
    Status.VERIFICATION: _("Taken up, being checked"),
    Status.CONFIRMED: _("Confirmed"),
    Status.UNCONFIRMED: _("Not confirmed"),
    Status.REFERRED: _("Passed to another body"),
    Status.ELIMINATED: _("Removed"),
    Status.REJECTED: _("Closed as a joke or a mistake"),
}


def standing(receipt: Receipt) -> Saying:
    """How the report stands, in one sentence."""
    if receipt.report.continues_as:
        number = receipt.report.continues_as.case_number
        return Saying(_("Others reported the same: it goes on as case %(number)s."), {"number": number})
    if receipt.responsible is None:
        return Saying(_("The report is sent. The unit that answers for the place is being found."))
    return Saying(_STANDING[receipt.status], {"unit": receipt.responsible.unit_name})


def expected(receipt: Receipt, promise: Promise) -> Step | None:
    """What comes next, until when; None where nothing is owed any more, or nobody knows when."""
    return next(_owed(receipt, promise), None)


def steps(receipt: Receipt, promise: Promise) -> list[Step]:
    """All steps in time: those that are done, then those that are owed."""
    sent, *changes = receipt.timeline
    done = [_done(sent)]
    if receipt.responsible:
        saying = Saying(_("Reached %(unit)s"), {"unit": receipt.responsible.unit_name})
        done.append(Step(saying=saying, icon="ui-shield", at=sent.at))
    return [*done, *map(_done, changes), *_taken_on(receipt), *_owed(receipt, promise)]


def _done(entry: TimelineEntry) -> Step:
    saying, status = Saying(_DONE[entry.status]), entry.status
    return Step(saying=saying, icon=f"status-{status}", status=status, at=entry.at, answer=entry.answer)


def _taken_on(receipt: Receipt) -> Iterator[Step]:
    """That the other body said it has the report: then alone its clock stands while the report is with it."""
    if receipt.status is not Status.REFERRED or receipt.report.continues_as:
        return
    clocks = [clock for clock in receipt.deadlines if clock.clock is Clock.ACKNOWLEDGEMENT]
    if clocks and (at := clocks[-1].stopped_at):
        yield Step(saying=Saying(_("The other body has it")), icon="ui-check", at=at)


def _owed(receipt: Receipt, promise: Promise) -> Iterator[Step]:
    if receipt.report.continues_as:
        return
    running = {clock.clock: clock for clock in receipt.deadlines if clock.stopped_at is None}
    if receipt.status is Status.NEW:
        yield _due(receipt, Clock.TAKE_UP, running, promise.take_up_by, _("To be taken up"))
        yield _due(receipt, Clock.VERIFICATION, running, promise.verify_by, _("Decision, at the latest"))
    if receipt.status is Status.VERIFICATION:
        yield _due(receipt, Clock.VERIFICATION, running, promise.verify_by, _("Decision"))
    if receipt.status is Status.REFERRED and Clock.ACKNOWLEDGEMENT in running:
        due_at = running[Clock.ACKNOWLEDGEMENT].due_at
        yield _due(receipt, Clock.ACKNOWLEDGEMENT, running, due_at, _("Answer of the other body"))


def _due(receipt: Receipt, clock: Clock, running: dict[Clock, ClockState], promised: datetime, message: str) -> Step:
    state = running.get(clock)
    due_at = state.due_at if state else promised
    return Step(saying=Saying(message), icon="ui-clock", due_at=due_at, overdue=due_at <= receipt.at)
