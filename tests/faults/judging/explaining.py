"""Why each false miss was said: when the stop was committed, when it stood on the log, and what was claimed by then."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contracts.events.clocks import DeadlineMissed, Step
from contracts.topics import CASE_CHANGED, CASEWORK

from faults.judging.clocks import False_, Reckoned
from faults.judging.facts import Facts
from faults.ledger import Message

# A fault is felt for a while after its end: the program starts, its clients connect again.
_FELT = timedelta(seconds=10)
_HURTS = (CASEWORK, f"{CASEWORK}-twin", "kafka", "postgres")


class Mechanism(StrEnum):
    """Where the stop was when the monitor claimed that everything until the deadline had been read."""

    OPEN = "in a transaction that was still open"
    OUTBOX = "committed, and not yet on the log (casework's outbox, its relay or its producer)"
    ON_THE_LOG = "ON THE LOG: the monitor claimed more than was true"
    UNCONFIRMED = "not waited for any longer: casework had been silent beyond the bound, and the miss says so"
    UNTRACED = "not known: the monitor's claim was not traced"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A false miss taken apart. Every instant but `due_at` and `stopped_at` may be unknown."""

    false: False_
    stopped_at: datetime
    committed_at: datetime | None
    appended_at: datetime | None
    claimed_at: datetime | None
    fired_at: datetime | None
    faults: tuple[str, ...]

    @property
    def mechanism(self) -> Mechanism:
        if isinstance(event := self.false.said.event, DeadlineMissed) and event.unconfirmed:
            return Mechanism.UNCONFIRMED
        if self.claimed_at is None or self.appended_at is None:
            return Mechanism.UNTRACED
        if self.appended_at <= self.claimed_at:
            return Mechanism.ON_THE_LOG
        if self.committed_at is not None and self.committed_at <= self.claimed_at:
            return Mechanism.OUTBOX
        return Mechanism.OPEN

    def line(self) -> str:
        """All of it in one line, in seconds from the deadline."""
        due = self.false.run.due_at
        report_id, clock, cycle = self.false.key

        def since(at: datetime | None) -> str:
            return f"{(at - due).total_seconds():+.3f}" if at else "?"

        return (
            f"{report_id} {clock} {cycle}, seconds from {due:%H:%M:%S.%f}: stopped {since(self.stopped_at)},"
            f" committed {since(self.committed_at)}, claimed {since(self.claimed_at)},"
            f" on the log {since(self.appended_at)}, fired {since(self.fired_at)}:"
            f" {self.mechanism} [{', '.join(self.faults) or 'no fault near'}]"
        )


def explanations(facts: Facts, reckoned: Reckoned) -> Iterator[Explanation]:
    """One for each false miss, in the order they were said."""
    appended = {(change.report_id, change.version): said.message for of in facts.cases.values() for said, change in of}
    for false in sorted(reckoned.false, key=lambda false: false.said.message.at):
        if false.step is Step.MISSED and false.run.stopped_at is not None:
            yield _explanation(
                facts, false, false.run.stopped_at, appended.get((false.key[0], false.run.stopped_by or 0))
            )


def figures(found: list[Explanation]) -> list[tuple[str, str]]:
    """How many there are of each mechanism, and how long the stop was on its way."""
    rows = []
    for mechanism, number in Counter(each.mechanism for each in found).most_common():
        near = sum(bool(each.faults) for each in found if each.mechanism is mechanism)
        rows.append((f"the stop was {mechanism}", f"{number}, {near} of them near a fault of {', '.join(_HURTS)}"))
    return rows


def _explanation(facts: Facts, false: False_, stopped_at: datetime, stop: Message | None) -> Explanation:
    report_id, version = false.key[0], false.run.stopped_by or 0
    committed = facts.commits.get((report_id, version))
    fired = facts.fired.get(false.key)
    partition = stop.partition if stop else None
    claimed = [
        claim.until
        for claim in (fired.claims if fired else ())
        if (claim.topic, claim.partition) == (CASE_CHANGED.name, partition)
    ]
    until = stop.at if stop else false.said.message.at
    near = [
        f"{fault.kind}:{fault.target}"
        for fault in facts.faults
        if fault.target in _HURTS and fault.began <= until and fault.ended + _FELT >= stopped_at
    ]
    return Explanation(
        false=false,
        stopped_at=stopped_at,
        committed_at=committed.committed_at if committed else None,
        appended_at=stop.at if stop else None,
        claimed_at=claimed[0] if claimed else None,
        fired_at=fired.at if fired else None,
        faults=tuple(near),
    )
