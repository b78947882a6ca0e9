"""How long the system took to be well again after each kind of fault."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from statistics import median

from contracts import topics

from faults.judging.facts import Facts
from faults.ledger import Injected

# What is written while all is well: its silence says how long something stood still.
_WRITES = {
    topics.INTAKE: topics.REPORT_SUBMITTED,
    topics.ROUTING: topics.REPORT_ROUTED,
    topics.CASEWORK: topics.CASE_CHANGED,
    topics.SLA_MONITOR: topics.CLOCK,
    topics.NOTIFIER: topics.NOTICE,
    topics.PUBLIC_MAP: topics.PUBLIC_REPORT,
    "kafka": topics.REPORT_SUBMITTED,
    "postgres": topics.CASE_CHANGED,
    "redis": topics.REPORT_SUBMITTED,
}
_AFTERWARDS = timedelta(seconds=15)


def rows(facts: Facts) -> list[tuple[str, str]]:
    """Per kind of fault: how often, how long until ready after its end, and the longest silence on what it writes."""
    times: dict[str, list[datetime]] = defaultdict(list)
    for message in facts.messages:
        times[message.topic].append(message.at)
    for found in times.values():
        found.sort()
    ready: dict[str, list[float]] = defaultdict(list)
    silent: dict[str, list[float]] = defaultdict(list)
    numbers: Counter[str] = Counter()
    for fault in facts.faults:
        name = f"{fault.kind}:{fault.target}"
        numbers[name] += 1
        ready[name].append(fault.ready_seconds if fault.ready_seconds is not None else float("inf"))
        silent[name].append(_silence(fault, times[_WRITES[fault.target].name]))
    return [
        (f"{number} x {name}", f"ready after {_both(ready[name])}, silent for {_both(silent[name])}")
        for name, number in sorted(numbers.items())
    ]


def delays(facts: Facts) -> list[tuple[str, str]]:
    """How long changes of cases were on their way: until they were committed, and from there until on the log."""
    committing, publishing = [], []
    for changes in facts.cases.values():
        for said, change in changes:
            committed = facts.commits.get((change.report_id, change.version))
            if committed is not None:
                committing.append((committed.committed_at - change.changed_at).total_seconds())
                publishing.append((said.message.at - committed.committed_at).total_seconds())
    return [
        (f"from {what}", spread(values))
        for what, values in (("a change's time to its commit", committing), ("its commit to the log", publishing))
        if values
    ]


def spread(values: list[float]) -> str:
    """Median, 99th percentile and longest, in seconds."""
    ordered = sorted(values)
    late = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"{median(ordered):.3f} / {late:.3f} / {ordered[-1]:.3f} s (median / p99 / longest)"


def unasked(facts: Facts) -> list[tuple[str, str]]:
    """Programs whose worker failed, with how often and of what."""
    counts = Counter((each.program, each.worker, each.error[:110]) for each in facts.failures)
    return [(f"{number} x {program}, {worker}", error) for (program, worker, error), number in counts.most_common(12)]


def _silence(fault: Injected, times: list[datetime]) -> float:
    """The longest time between two messages that lies, at least in part, in the fault or shortly after it."""
    first = max(0, bisect_left(times, fault.began) - 1)
    last = bisect_right(times, fault.ended + _AFTERWARDS)
    near = times[first : last + 1]
    return max(((after - before).total_seconds() for before, after in zip(near, near[1:], strict=False)), default=0.0)


def _both(values: list[float]) -> str:
    return f"{median(values):.1f} s (longest {max(values):.1f})"
