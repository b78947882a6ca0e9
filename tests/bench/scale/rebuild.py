"""Line 10: every store that follows from topics built anew, as `kmzb rebuild` does it.

The topics are filled with what routing, casework and sla-monitor said of some reports, written again and again under
other reports' ids, to the full number, one report after another, as they come in years. Then sla-monitor's store and
public-map's are rebuilt one after the other by the operators' own code, in one transaction each. There is no peer.
casework's and notifier's stores come from a backup, so they are not in it; nor is what officers did: each report is
submitted, routed and opened, and its first clock started. What starting and asking costs is in each figure; the notes
say how fast it goes beside that, from what a rebuild of the first few reports took.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import chain, islice
from random import Random
from time import monotonic
from uuid import UUID, uuid5

import msgspec
from chassis.clock import now
from contracts.envelope import Outgoing
from contracts.events.clocks import Clock, Step, step_id
from contracts.events.reports import ReportSubmitted
from contracts.topics import CLOCK, CONTENT, PUBLIC_MAP, REPORT_SUBMITTED, SLA_MONITOR
from operations.consumption.groups import commit, positions
from operations.rebuilding.plans import plan_of
from operations.rebuilding.replaying import rebuild

from bench.core.rounds import NO_GOAL, Goal, Row
from bench.stand.recording import record
from bench.stand.running import Bench, Running, running

REPORTS, TENTH = 4_300_000, 10_000
RECORDED = 500
REBUILT = (SLA_MONITOR, PUBLIC_MAP)
GOAL = Goal("≥ 10,000/s", 10_000, at_least=True)


def measure(bench: Bench) -> Iterator[Row]:
    """The table's rows: each store, and both."""
    recorded = min(RECORDED, reports := bench.size(REPORTS, TENTH))
    times = max(1, reports // recorded)
    bench.say(f"recording what the services say of {recorded} reports")
    (recording,) = record(bench, 1, recorded, now())
    said = one_after_another(message for message in recording if message.topic != CONTENT.name)
    with running(bench) as system:
        system.log.publish(said)
        first = {service: rebuilt(bench, system, service) for service in REBUILT}
        bench.say(f"writing {times * recorded:,} reports to the topics")
        system.log.publish(islice(copies(said, times), len(said), None))
        seconds = 0.0
        for service in REBUILT:
            took = rebuilt(bench, system, service)
            seconds += took
            note = f"{took:.1f} s, the first {recorded} reports alone {first[service]:.1f} s"
            if times > 1 and took > first[service]:
                note += f": {(times - 1) * recorded / (took - first[service]):,.0f} a second beyond them"
            yield Row(line=10, what=f"{service} rebuilt", against="-", unit="reports/s", goal=NO_GOAL,
                      ours=(times * recorded / took,), note=note)  # fmt: skip
    yield Row(
        line=10,
        what="both, one after the other",
        against="-",
        unit="reports/s",
        goal=GOAL,
        ours=(times * recorded / seconds,),
        note=f"{times * recorded:,} reports, {len(said) * times:,} messages",
    )


def one_after_another(messages: Iterable[Outgoing]) -> list[Outgoing]:
    """The messages report by report, those of each in the order they have."""
    by_report: dict[str, list[Outgoing]] = {}
    for message in messages:
        by_report.setdefault(message.key, []).append(message)
    return [*chain.from_iterable(by_report.values())]


def copies(messages: Sequence[Outgoing], times: int) -> Iterator[Outgoing]:
    """The messages so many times, each time about other reports."""
    yield from messages
    for number in range(1, times):
        chance = Random(number)
        renamed: dict[str, str] = {}
        for message in messages:
            if message.key not in renamed:
                renamed[message.key] = str(UUID(int=chance.getrandbits(128), version=4))
            yield copied(message, renamed[message.key])


def copied(message: Outgoing, key: str) -> Outgoing:
    """The message as it would be of another report, which has another receipt."""
    headers = dict(message.headers)
    headers["ce_subject"] = key.encode()
    if message.topic == CLOCK.name:  # a rebuild knows again what it has announced by this id
        headers["ce_id"] = str(step_id(UUID(key), Clock.TAKE_UP, 1, Step.STARTED)).encode()
    else:
        headers["ce_id"] = str(uuid5(UUID(headers["ce_id"].decode()), key)).encode()
    value = (message.value or b"").replace(message.key.encode(), key.encode())
    if message.topic == REPORT_SUBMITTED.name:
        report = msgspec.json.decode(value, type=ReportSubmitted)
        value = msgspec.json.encode(msgspec.structs.replace(report, receipt_sha256=sha256(key.encode()).hexdigest()))
    return Outgoing(message.topic, key, [*headers.items()], value)


def rebuilt(bench: Bench, system: Running, service: str) -> float:
    """How many seconds the rebuild of a store takes that had read everything, and has lost it."""
    settings, addresses = system.log.settings, system.system.addresses
    plan = plan_of(service, addresses)
    commit(settings, service, [(place, place.end) for place in positions(settings, service, plan.topics)])
    began = monotonic()
    told = rebuild(plan, settings, addresses[f"KMZB_{plan.service.upper().replace('-', '_')}_POSTGRES_DSN"], _silent)
    seconds = monotonic() - began
    bench.say(f"{service}: {seconds:.1f} s; {told}")
    return seconds


def _silent(_: str) -> None:
    """Takes what is said of each partition."""
