"""Whether every clock ran as it must, and which misses and escalations were false, withdrawn, or left standing."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.events.clocks import ESCALATED_TO, ClockStarted, ClockStopped, Step
from contracts.events.reports import ReportSubmitted
from contracts.policy.terms import Policy

from faults.judging.facts import Check, ClockKey, Facts, Said, key_of
from faults.judging.reckoning import Run, runs, step_of

# What happened so shortly before the end need not have been said.
SLACK = timedelta(seconds=5)
ESCALATIONS = (Step.GARRISON, Step.HEADQUARTERS)


@dataclass(frozen=True, slots=True)
class False_:  # noqa: N801 - `False` is taken
    """A miss or an escalation that was said although the clock had stopped before its time."""

    key: ClockKey
    run: Run
    step: Step
    said: Said
    at: datetime
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The clocks as they must be beside what was said of them."""

    runs: Mapping[ClockKey, Run]
    said: Mapping[ClockKey, Mapping[Step, Said]]
    false: tuple[False_, ...]


def reckon(facts: Facts, policy: Policy) -> Reckoned:
    """Compare every clock with what it must be. The first ReportSubmitted on the log counts."""
    expected: dict[ClockKey, Run] = {}
    submitted: dict[UUID, ReportSubmitted] = {}
    for said in facts.said:
        if isinstance(said.event, ReportSubmitted):
            submitted.setdefault(said.event.report_id, said.event)
    for report_id, event in submitted.items():
        changes = [change for _, change in facts.cases.get(report_id, [])]
        expected |= runs(report_id, event.submitted_at, event.category, changes, policy)
    found: dict[ClockKey, dict[Step, Said]] = defaultdict(dict)
    for said, clock_event in facts.clock_events:
        step = step_of(clock_event)
        if isinstance(clock_event, ClockStarted):
            step = Step.STARTED
        elif isinstance(clock_event, ClockStopped):
            step = Step.STOPPED
        if step is not None:
            found[key_of(clock_event)].setdefault(step, said)
    return Reckoned(expected, found, tuple(_false(expected, found, policy)))


def checks(facts: Facts, reckoned: Reckoned, policy: Policy) -> Iterator[Check]:
    yield _started(reckoned)
    yield _stopped(reckoned)
    yield _steps(facts, reckoned, policy)
    yield _check_false("misses", reckoned, (Step.MISSED,))
    yield _check_false("escalations", reckoned, ESCALATIONS)


def withdrawn_steps(stopped: ClockStopped) -> set[Step]:
    """What a stop takes back."""
    escalations = {step for step in ESCALATIONS if ESCALATED_TO[step] in stopped.withdraws_escalations}
    return {Step.MISSED, *escalations} if stopped.withdraws_miss else escalations


def _false(
    expected: Mapping[ClockKey, Run], found: Mapping[ClockKey, Mapping[Step, Said]], policy: Policy
) -> Iterator[False_]:
    for key, said in found.items():
        run = expected.get(key)
        if run is None or run.stopped_at is None:
            continue
        stop = said.get(Step.STOPPED)
        withdrawn = withdrawn_steps(stop.event) if stop and isinstance(stop.event, ClockStopped) else set()
        for step, at in run.steps(policy):
            if step in said and step is not Step.APPROACHING and run.stopped_at <= at:
                yield False_(key, run, step, said[step], at, step in withdrawn)


def _started(reckoned: Reckoned) -> Check:
    wrong = []
    for key, run in reckoned.runs.items():
        said = reckoned.said.get(key, {}).get(Step.STARTED)
        event = said.event if said else None
        if not isinstance(event, ClockStarted):
            wrong.append(f"{key} never started")
        elif (event.started_at, event.due_at) != (run.started_at, run.due_at):
            wrong.append(f"{key} started {event.started_at}, and not {run.started_at}")
    wrong += [f"{key} started for no reason" for key in reckoned.said.keys() - reckoned.runs.keys()]
    kinds = dict(Counter(clock for _, clock, _ in reckoned.runs))
    return Check("each clock starts when it must", not wrong, f"{len(wrong)} wrong of {kinds}", tuple(wrong[:5]))


def _stopped(reckoned: Reckoned) -> Check:
    wrong = []
    for key, run in reckoned.runs.items():
        said = reckoned.said.get(key, {}).get(Step.STOPPED)
        event = said.event if said else None
        if run.stopped_at is None:
            wrong += [f"{key} stopped for no reason"] if event else []
        elif not isinstance(event, ClockStopped):
            wrong.append(f"{key} never stopped")
        elif event.stopped_at != run.stopped_at:
            wrong.append(f"{key} stopped {event.stopped_at}, and not {run.stopped_at}")
    met = sum(run.met for run in reckoned.runs.values())
    late = sum(run.stopped_at is not None and not run.met for run in reckoned.runs.values())
    figures = f"{met} met, {late} stopped late, {len(reckoned.runs) - met - late} run on, {len(wrong)} wrong"
    return Check("each clock stops when it must", not wrong, figures, tuple(wrong[:5]))


def _steps(facts: Facts, reckoned: Reckoned, policy: Policy) -> Check:
    silent = []
    must: Counter[Step] = Counter()
    for key, run in reckoned.runs.items():
        for step in run.happened(policy, facts.last_at - SLACK):
            must[step] += 1
            if step not in reckoned.said.get(key, {}):
                silent.append(f"{key} {step}")
    figures = ", ".join(f"{number} {step}" for step, number in must.items()) + f"; {len(silent)} not said"
    return Check("every warning, miss and escalation that is due is said", not silent, figures, tuple(silent[:5]))


def _check_false(what: str, reckoned: Reckoned, steps: tuple[Step, ...]) -> Check:
    said = sum(step in of for of in reckoned.said.values() for step in steps)
    false = [each for each in reckoned.false if each.step in steps]
    standing = [each for each in false if not each.withdrawn]
    late = [each for each in standing if not each.run.met]
    figures = f"{len(false)} false of {said}, {len(standing)} of them still standing"
    if late:
        figures += f" ({len(late)} after a stop that was late, but not so late)"
    examples = tuple(f"{each.key} {each.step}" for each in standing[:5])
    return Check(f"no false {what}", not false, figures, examples)
