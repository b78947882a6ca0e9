"""The stages of a report's way, who owes each, and which reports lack one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.policy.regions import NATIONAL
from contracts.topics import (
    CASE_CHANGED,
    CASEWORK,
    NOTIFIER,
    REPORT_ROUTED,
    REPORT_SUBMITTED,
    ROUTING,
    SLA_MONITOR,
    Topic,
)


class Stage(StrEnum):
    """What becomes of a report after it was accepted, in this order."""

    ROUTED = "routed"
    CASE = "case"
    CLOCK = "clock"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Owed:
    """Who brings a report to a stage, once it has been to another, by what it reads on which topics."""

    by: str
    inputs: tuple[Topic, ...]
    after: Stage | None = None


OWED: Mapping[Stage, Owed] = {
    Stage.ROUTED: Owed(ROUTING, (REPORT_SUBMITTED,)),
    Stage.CASE: Owed(CASEWORK, (REPORT_SUBMITTED, REPORT_ROUTED), after=Stage.ROUTED),
    # The clock starts with the submission alone; what happened to it since is in the changes.
    Stage.CLOCK: Owed(SLA_MONITOR, (REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED)),
    Stage.NOTICE: Owed(NOTIFIER, (REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED), after=Stage.CASE),
}


@dataclass(slots=True)
class Seen:
    """Which reports were accepted, when, and which of them got where. A stage nobody could be asked of is not there.

    `instances`: whose each is, once that was said (decision 0100). `unasked`: those whose notices another one knows.
    """

    accepted: dict[UUID, datetime] = field(default_factory=dict)
    reached: dict[Stage, set[UUID]] = field(default_factory=dict)
    instances: dict[UUID, str] = field(default_factory=dict)
    unasked: set[UUID] = field(default_factory=set)

    def instance(self, report_id: UUID) -> str:
        """Whose a report is: the nation's until something is said."""
        return self.instances.get(report_id, NATIONAL)


@dataclass(frozen=True, slots=True)
class Hour:
    """The reports accepted in one hour, by UTC, and how many of them got to each stage."""

    begins: datetime
    accepted: int
    reached: Mapping[Stage, int]


def hours(seen: Seen) -> list[Hour]:
    """Hour by hour, those without reports left out."""
    of_hour: dict[datetime, list[UUID]] = {}
    for report_id, at in sorted(seen.accepted.items(), key=lambda pair: pair[1]):
        of_hour.setdefault(at.replace(minute=0, second=0, microsecond=0), []).append(report_id)
    return [
        Hour(begins, len(ids), {stage: sum(each in there for each in ids) for stage, there in seen.reached.items()})
        for begins, ids in of_hour.items()
    ]


def missing(seen: Seen) -> dict[Stage, list[UUID]]:
    """The reports that lack a stage though they have what it comes after, the oldest first."""
    found: dict[Stage, list[UUID]] = {}
    for stage, there in seen.reached.items():
        after = OWED[stage].after
        due = seen.accepted.keys() if after is None else seen.accepted.keys() & seen.reached.get(after, set())
        if lacking := due - there - (seen.unasked if stage is Stage.NOTICE else set()):
            found[stage] = sorted(lacking, key=lambda report_id: (seen.accepted[report_id], report_id))
    return found


class Why(StrEnum):
    """Why a report lacks a stage."""

    WAITS = "waits: the service has not read it yet (kmzb lag)"
    SET_ASIDE = "set aside: kmzb dead-letters shows and replays it"
    LOST = "lost: the service has read past it, and nothing came of it"


@dataclass(frozen=True, slots=True)
class Gap:
    """One report that lacks one stage, and why."""

    report_id: UUID
    stage: Stage
    why: Why


def gaps(
    lacking: Mapping[Stage, Sequence[UUID]],
    unread: Mapping[str, set[UUID]],
    set_aside: Mapping[str, set[UUID]],
) -> list[Gap]:
    """Why each lacks what it lacks: by service, the reports it has not read all of, and those it has set aside."""
    found = []
    for stage, report_ids in lacking.items():
        by = OWED[stage].by
        for report_id in report_ids:
            waits, aside = report_id in unread.get(by, ()), report_id in set_aside.get(by, ())
            found.append(Gap(report_id, stage, Why.SET_ASIDE if aside else Why.WAITS if waits else Why.LOST))
    return found


def topics_needed(found: Iterable[Gap]) -> dict[UUID, list[Topic]]:
    """Which topics' messages of each lost report are to be said again, each once, in the order of the way."""
    needed: dict[UUID, list[Topic]] = {}
    for gap in found:
        if gap.why is Why.LOST:
            again = needed.setdefault(gap.report_id, [])
            again += [topic for topic in OWED[gap.stage].inputs if topic not in again]
    return needed
