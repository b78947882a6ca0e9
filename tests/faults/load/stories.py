"""What an officer does next to a case and when: pure, and with a liking for the last moment before a deadline."""

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from contracts.events.clocks import Clock
from contracts.policy.terms import Policy
from contracts.statuses import CLOSED, Status

NEVER = {Clock.TAKE_UP: 0.10, Clock.VERIFICATION: 0.12, Clock.ACKNOWLEDGEMENT: 0.25}
"""How many cases of a clock nobody touches: true misses."""
CLOSE, JUST_AFTER, BETWEEN = 0.60, 0.08, 0.10
"""How many changes fall into the last 1.5 s before the deadline, the first 0.8 s after it, or between escalations."""
REOPENED, REFERRED, ELIMINATED, CHECKED = 0.12, 0.45, 0.25, 0.2


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as its officer knows it. `since`: when the clock of its status began to run."""

    category: str
    status: Status
    version: int
    since: datetime
    round: int = 1
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A change to ask for at an instant, the deadline it is made under, and what it needs to say."""

    change: str
    at: datetime
    due_at: datetime
    body: dict[str, Any] = field(default_factory=dict)


def next_step(case: Seen, policy: Policy, chance: random.Random, at: datetime) -> Step | None:
    """What comes next, None at the end of the story. `at` is the present."""
    match case.status:
        case Status.NEW:
            change = "take-up" if chance.random() < 0.92 else "reject"
            return _under(Clock.TAKE_UP, change, case, policy, chance, at)
        case Status.VERIFICATION:
            return _verify(case, policy, chance, at)
        case Status.CONFIRMED:
            return _pass_on(case, chance, at)
        case Status.REFERRED:
            change = chance.choice(["return", "eliminate"])
            return _under(Clock.ACKNOWLEDGEMENT, change, case, policy, chance, at)
        case _ if case.status in CLOSED and case.round == 1 and chance.random() < REOPENED:
            return _soon("reopen", chance, at)
        case _:
            return None


def after(case: Seen, change: str, status: Status, version: int, changed_at: datetime) -> Seen:
    """The case after a change that was answered."""
    if change == "checks":
        return replace(case, version=version, checked=True)
    return replace(
        case,
        status=status,
        version=version,
        since=changed_at,
        round=case.round + (change == "reopen"),
        checked=False,
    )


def _verify(case: Seen, policy: Policy, chance: random.Random, at: datetime) -> Step | None:
    if not case.checked and chance.random() < CHECKED:
        step = _soon("checks", chance, at)
        return replace(step, body={"checked_at": at.isoformat(), "finding": chance.choice(["found", "not_found"])})
    change = chance.choices(["confirm", "unconfirm", "reject"], [0.55, 0.3, 0.15])[0]
    step_under = _under(Clock.VERIFICATION, change, case, policy, chance, at)
    if step_under is None or change != "unconfirm":
        return step_under
    return replace(step_under, body={"reason": "Na miejscu nic takiego nie ma."})


def _pass_on(case: Seen, chance: random.Random, at: datetime) -> Step | None:
    drawn = chance.random()
    if drawn < REFERRED:
        return replace(_soon("refer", chance, at), body={"agency": "city-guard"})
    return _soon("eliminate", chance, at) if drawn < REFERRED + ELIMINATED else None


def _under(clock: Clock, change: str, case: Seen, policy: Policy, chance: random.Random, at: datetime) -> Step | None:
    """A change that stops a clock, mostly close to its deadline; None where nobody makes it."""
    due_at = policy.terms_at(case.since).due_at(clock, case.category, case.since)
    if chance.random() < NEVER[clock]:
        return None
    drawn = chance.random()
    if drawn < CLOSE:
        when = due_at - timedelta(seconds=chance.uniform(0.0, 1.5))
    elif drawn < CLOSE + JUST_AFTER:
        when = due_at + timedelta(seconds=chance.uniform(0.0, 0.8))
    elif drawn < CLOSE + JUST_AFTER + BETWEEN:
        when = due_at + timedelta(seconds=chance.uniform(0.8, 5.0))
    else:
        when = at + max(timedelta(0), due_at - at) * chance.random()
    return Step(change, max(at, when), due_at)


def _soon(change: str, chance: random.Random, at: datetime) -> Step:
    when = at + timedelta(seconds=chance.uniform(0.0, 2.0))
    return Step(change, when, when)
