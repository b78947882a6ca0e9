"""Whether a report has one `submitted_at` and one promise, wherever somebody is told of it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import msgspec
from contracts.events.cases import CaseChange
from contracts.events.clocks import Clock, ClockStarted
from contracts.events.reports import ReportSubmitted
from contracts.events.routing import Routing
from contracts.topics import EVENTS

from faults.judging.facts import Check, Facts

Times = dict[UUID, dict[str, set[datetime]]]


def checks(facts: Facts) -> Iterator[Check]:
    submitted, promised = _told(facts)
    _on_topics(facts, submitted, promised)
    for report_id, receipt in facts.receipts.items():
        if receipt.submitted_at and receipt.take_up_by:
            submitted[report_id]["on the receipt page"].add(receipt.submitted_at)
            promised[report_id]["on the receipt page"].add(receipt.take_up_by)
    yield _check("one submitted_at per report, everywhere", submitted)
    yield _check("one take-up deadline per report, everywhere", promised)
    unread = [str(each.report_id) for each in facts.receipts.values() if each.unit is None]
    missing = facts.accepted.keys() - facts.receipts.keys()
    figures = f"{len(facts.receipts) - len(unread)} of {len(facts.accepted)}"
    yield Check("every receipt page names the unit", not (unread or missing), figures, tuple(unread[:5]))


def _told(facts: Facts) -> tuple[Times, Times]:
    submitted: Times = defaultdict(lambda: defaultdict(set))
    promised: Times = defaultdict(lambda: defaultdict(set))
    for report_id, answers in facts.accepted.items():
        for number, answer in enumerate(answers):
            who = "told on a repeat" if number else "told first"
            if answer.submitted_at and answer.take_up_by:
                submitted[report_id][who].add(answer.submitted_at)
                promised[report_id][who].add(answer.take_up_by)
    return submitted, promised


def _on_topics(facts: Facts, submitted: Times, promised: Times) -> None:
    """Every message counts, also the repeats: whoever reads a topic reads those too."""
    for message in facts.messages:
        if message.event not in EVENTS or isinstance(message.body, msgspec.UnsetType):
            continue
        kind = EVENTS[message.event]
        if not issubclass(kind, ReportSubmitted | Routing | CaseChange | ClockStarted):
            continue
        event = msgspec.json.decode(message.body, type=kind)
        if isinstance(event, ClockStarted):
            if event.clock is Clock.TAKE_UP:
                submitted[event.report_id]["where its clock starts"].add(event.started_at)
                promised[event.report_id]["where its clock is due"].add(event.due_at)
        elif isinstance(event, ReportSubmitted):
            submitted[event.report_id]["on report-submitted"].add(event.submitted_at)
        elif isinstance(event, Routing):
            submitted[event.report_id]["on report-routed"].add(event.submitted_at)
        elif isinstance(event, CaseChange):
            submitted[event.report_id]["in the case"].add(event.submitted_at)


def _check(what: str, times: Times) -> Check:
    """All times of a report are one; where they are not, which place differs from what was told first, and how far."""
    places: Counter[str] = Counter()
    farthest, examples = 0.0, []
    wrong = 0
    for report_id, told in times.items():
        every = set().union(*told.values())
        if len(every) == 1:
            continue
        wrong += 1
        farthest = max(farthest, (max(every) - min(every)).total_seconds())
        first = told["told first"] or {min(every)}
        differing = sorted(place for place, found in told.items() if found - first)
        places.update(differing)
        examples.append(f"{report_id}: {', '.join(differing)}, {(max(every) - min(every)).total_seconds():.2f} s")
    figures = f"{wrong} of {len(times)} reports with several"
    if wrong:
        figures += f", up to {farthest:.1f} s apart: " + ", ".join(f"{name} {n}" for name, n in places.most_common())
    return Check(what, not wrong, figures, tuple(examples[:5]))
