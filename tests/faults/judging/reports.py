"""Whether nothing was lost and nothing happened twice: reports, cases, officers' changes, every message."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from uuid import UUID

from contracts.events.cases import CaseChange, CaseOpened
from contracts.events.clocks import ClockEvent, DeadlineEscalated
from contracts.events.notices import NoticeEvent
from contracts.events.public import PublicReport
from contracts.events.reports import ReportSubmitted
from contracts.events.routing import Routing
from contracts.topics import CASE_CHANGED, DEAD_LETTERS

from faults.judging.facts import Check, Facts, Said


def checks(facts: Facts) -> Iterator[Check]:
    yield _accepted(facts)
    yield _from_somebody(facts)
    yield _versions(facts)
    yield _acknowledged(facts)
    yield _refused(facts)
    yield _doubled(facts)
    yield _two_bodies(facts)
    yield _dead_letters(facts)


def _accepted(facts: Facts) -> Check:
    accepted = set(facts.accepted)
    submitted = {said.event.report_id for said in facts.said if isinstance(said.event, ReportSubmitted)}
    routed = {said.event.report_id for said in facts.said if isinstance(said.event, Routing)}
    opened = Counter(said.event.report_id for said in facts.said if isinstance(said.event, CaseOpened))
    numbers = {change.case_number for changes in facts.cases.values() for _, change in changes}
    lost = [f"{report_id} not on the log" for report_id in accepted - submitted]
    lost += [f"{report_id} not routed" for report_id in submitted - routed]
    lost += [f"{report_id} opened {opened[report_id]} times" for report_id in submitted if opened[report_id] != 1]
    lost += [f"{len(opened)} cases share {len(numbers)} numbers"] if len(numbers) != len(opened) else []
    figures = f"{len(accepted)} accepted, {len(submitted)} on the log, {len(routed)} routed, {len(opened)} opened"
    return Check("every accepted report has exactly one case, with a number of its own", not lost, figures, _few(lost))


def _from_somebody(facts: Facts) -> Check:
    places = {(sent.longitude, sent.latitude) for sent in facts.sent}
    stray = [
        str(said.event.report_id)
        for said in facts.said
        if isinstance(said.event, ReportSubmitted) and (said.event.longitude, said.event.latitude) not in places
    ]
    refused = Counter(answer.status for answer in facts.answers if answer.status not in (0, 201, 502, 503, 504))
    figures = f"{len(facts.given_up)} citizens gave up, {len(stray)} reports from nowhere, refused {dict(refused)}"
    return Check("every report was sent by somebody, and none refused", not (stray or refused), figures, _few(stray))


def _versions(facts: Facts) -> Check:
    wrong = []
    changes = sorted(
        (said for said in facts.said if said.message.topic == CASE_CHANGED.name),
        key=lambda said: (said.message.partition, said.message.offset),
    )
    last: dict[UUID, int] = defaultdict(int)
    for said in changes:
        if isinstance(said.event, CaseChange):
            if said.event.version != last[said.event.report_id] + 1:
                wrong.append(f"{said.event.report_id}: {said.event.version} after {last[said.event.report_id]}")
            last[said.event.report_id] = said.event.version
    return Check("versions stand on the log without a gap, in order", not wrong, f"{len(changes)} changes", _few(wrong))


def _acknowledged(facts: Facts) -> Check:
    on_log = {(report_id, change.version): change for report_id, of in facts.cases.items() for _, change in of}
    answered = [change for change in facts.changes if change.status == 200]
    lost = []
    for change in answered:
        found = on_log.get((change.report_id, change.version or 0))
        if found is None or found.changed_at != change.changed_at:
            lost.append(f"{change.report_id} {change.change} version {change.version}")
    figures = f"{len(answered)} answered, {len(lost)} of them not on the log as answered"
    return Check("what officers were answered is on the log", not lost, figures, _few(lost))


def _refused(facts: Facts) -> Check:
    """Nothing but "look again" and "come back later" is an answer to what the story lets an officer do."""
    others = [change for change in facts.changes if change.status not in (0, 200, 412, 502, 503, 504)]
    counts = Counter(change.status for change in facts.changes)
    examples = [f"{each.report_id} {each.change}: {each.status} {each.detail[:100]}" for each in others]
    return Check("no officer's right change is refused", not others, f"answers {dict(counts)}", _few(examples))


def _doubled(facts: Facts) -> Check:
    ids: dict[Hashable, set[str]] = defaultdict(set)
    for said in facts.said:
        ids[said.message.topic, *_fact(said)].add(str(said.message.id))
    doubled = [f"{fact}: {len(found)} ids" for fact, found in ids.items() if len(found) > 1]
    repeats = len(facts.messages) - len({(each.topic, each.id or each.offset, each.key) for each in facts.messages})
    return Check("no fact is said under two ids", not doubled, f"{repeats} permitted repeats", _few(doubled))


def _two_bodies(facts: Facts) -> Check:
    bodies: dict[tuple[str, str], set[tuple[str | None, str | None]]] = defaultdict(set)
    for message in facts.messages:
        if message.id is not None and message.topic not in {topic.name for topic in DEAD_LETTERS.values()}:
            bodies[message.topic, message.id].add((message.sha, message.time))
    wrong = [pair for pair, found in bodies.items() if len(found) > 1]
    counts = dict(Counter(topic.split(".")[2] for topic, _ in wrong))
    return Check("no id is said with two bodies", not wrong, f"{len(wrong)} ids {counts}", _few(map(str, wrong)))


def _dead_letters(facts: Facts) -> Check:
    names = {topic.name for topic in DEAD_LETTERS.values()}
    letters = [f"{message.topic} {message.key}" for message in facts.messages if message.topic in names]
    return Check("no dead letters", not letters, str(len(letters)), _few(letters))


def _fact(said: Said) -> tuple[Hashable, ...]:
    """What an event says that may be said once only, apart from its id."""
    event, kind = said.event, type(said.event).__name__
    match event:
        case CaseChange():
            return "change", event.report_id, event.version
        case Routing():
            return "routing", event.report_id, event.place_version
        case DeadlineEscalated():
            return kind, event.report_id, event.clock, event.cycle, event.to
        case ClockEvent():
            return kind, event.report_id, event.clock, event.cycle
        case NoticeEvent():
            return "notice", event.notice_id, event.attempt
        case PublicReport():
            return kind, event.report_id, event.version
        case _:
            return kind, event.key, said.message.id if not isinstance(event, ReportSubmitted) else ""


def _few(examples: Iterable[str]) -> tuple[str, ...]:
    return tuple(example for example, _ in zip(examples, range(5), strict=False))
