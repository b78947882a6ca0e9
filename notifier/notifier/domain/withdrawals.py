"""What a stopped clock withdraws: warnings and wrong misses not sent yet, and corrections for those already sent."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from contracts.envelope import Envelope
from contracts.events.clocks import ESCALATED_TO, ClockStopped, Step, step_id
from contracts.events.notices import Audience, Channel

from notifier.domain.notices import Details, Notice, NoticeKind, ScheduledNotice
from notifier.domain.rules import cause_of


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Steps of a clock that are not to be notified any more: the warning, and those of miss and escalations that were
    wrong.

    `steps` are event ids; `correction` is for those who were notified of one of `misses`, None where there are none.
    """

    warning: UUID
    misses: tuple[UUID, ...] = ()
    correction: Notice | None = None

    @property
    def steps(self) -> tuple[UUID, ...]:
        """All of them."""
        return (self.warning, *self.misses)


@dataclass(frozen=True, slots=True)
class Informed:
    """Somebody who was, or may have been, notified of a step of a clock, and by which channel."""

    step: UUID
    audience: Audience
    recipient: str | None
    channel: Channel


def withdrawal(envelope: Envelope) -> Withdrawal | None:
    """What the event withdraws: None for all but `ClockStopped`."""
    stop = envelope.data
    if not isinstance(stop, ClockStopped):
        return None
    wrong = [step for step, to in ESCALATED_TO.items() if stop.withdraws_miss or to in stop.withdraws_escalations]
    if stop.withdraws_miss:
        wrong = [Step.MISSED, *wrong]
    warning, *misses = (step_id(stop.report_id, stop.clock, stop.cycle, step) for step in (Step.APPROACHING, *wrong))
    if not misses:
        return Withdrawal(warning)
    correction = Notice(
        cause=cause_of(envelope),
        report_id=stop.report_id,
        kind=NoticeKind.MISS_WITHDRAWN if stop.withdraws_miss else NoticeKind.ESCALATION_WITHDRAWN,
        audience=Audience.UNIT,
        recipient=stop.owner.unit,
        digest=False,
        version=0,
        details=Details(unit_name=stop.owner.unit_name, clock=stop.clock, due_at=stop.due_at),
    )
    return Withdrawal(warning, tuple(misses), correction)


def corrections(
    withdrawals: Iterable[Withdrawal], informed: Iterable[Informed], now: datetime
) -> list[ScheduledNotice]:
    """A correction, at once, for everybody notified of a miss or an escalation that was wrong, by the same channel."""
    by_step = {
        step: withdrawal.correction
        for withdrawal in withdrawals
        for step in withdrawal.misses
        if withdrawal.correction is not None
    }
    return [
        ScheduledNotice(
            replace(by_step[someone.step], audience=someone.audience, recipient=someone.recipient), someone.channel, now
        )
        for someone in informed
    ]
