"""Whether everybody who is to be told was told, nobody twice, and whoever was told what was false was told so."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

from contracts.base import HEADQUARTERS
from contracts.events.cases import CaseOpened
from contracts.events.clocks import DeadlineEscalated, DeadlineMissed
from contracts.events.notices import Channel, NoticeEvent, NoticeFailed, NoticeSent

from faults.judging.clocks import Reckoned
from faults.judging.facts import Check, ClockKey, Facts, key_of

CITIZENS, AGENCIES = "@citizens.example", "@zglaszanie.example"


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who was told of a miss or an escalation: `step` is the id of the event that said it."""

    step: str
    key: ClockKey
    notice: NoticeEvent


def checks(facts: Facts, reckoned: Reckoned) -> Iterator[Check]:
    told = _told(facts)
    yield _units(facts)
    yield _misses(facts, reckoned, told)
    yield _withdrawals(facts, reckoned, told)
    yield _sent(facts)
    yield _mails(facts, told)


def _told(facts: Facts) -> dict[UUID, Told]:
    """By the notice's id, which follows from the event's, the recipient and the channel."""
    by_report: dict[UUID | None, list[NoticeEvent]] = defaultdict(list)
    for notice in facts.notices:
        if not isinstance(notice, NoticeFailed):
            by_report[notice.report_id].append(notice)
    found = {}
    for said, event in facts.clock_events:
        if isinstance(event, DeadlineMissed | DeadlineEscalated):
            step = str(said.message.id)
            for notice in by_report[event.report_id]:
                if uuid5(UUID(step), f"{notice.recipient}/{notice.channel}") == notice.notice_id:
                    found[notice.notice_id] = Told(step, key_of(event), notice)
    return found


def _units(facts: Facts) -> Check:
    numbers = {number for mail in facts.mails for number in mail.cases}
    reports = {report_id for mail in facts.mails for report_id in mail.reports}
    opened = [said.event for said in facts.said if isinstance(said.event, CaseOpened)]
    untold = [each.case_number for each in opened if each.case_number not in numbers and each.report_id not in reports]
    return Check("each case's unit has mail", not untold, _waiting(facts, len(untold), len(opened)), tuple(untold[:5]))


def _misses(facts: Facts, reckoned: Reckoned, told: Mapping[UUID, Told]) -> Check:
    """Of each miss and escalation that is true somebody is told; headquarters once where they are the garrison, too."""
    false = {each.said.message.id for each in reckoned.false}
    steps = {each.step for each in told.values()}
    to_garrison = _steps_to(facts, "garrison")
    as_garrison = {each.key for each in told.values() if each.step in to_garrison}
    due = {
        str(said.message.id): f"{event.report_id} {type(event).__name__}"
        for said, event in facts.clock_events
        if isinstance(event, DeadlineMissed | DeadlineEscalated)
        and said.message.id not in false
        and not (
            isinstance(event, DeadlineEscalated)
            and (event.to, event.owner.garrison) == ("headquarters", HEADQUARTERS.garrison)
            and key_of(event) in as_garrison
        )
    }
    untold = [what for step, what in due.items() if step not in steps]
    figures = _waiting(facts, len(untold), len(due))
    return Check("of each miss and escalation somebody is told", not untold, figures, tuple(untold[:5]))


def _steps_to(facts: Facts, level: str) -> set[str]:
    """The ids of the escalations to a level."""
    events = ((said.message.id, event) for said, event in facts.clock_events)
    return {str(step) for step, event in events if isinstance(event, DeadlineEscalated) and event.to == level}


def _withdrawals(facts: Facts, reckoned: Reckoned, told: Mapping[UUID, Told]) -> Check:
    corrected = {
        (notice.report_id, notice.recipient, notice.channel)
        for notice in facts.notices
        if "withdrawn" in notice.kind and not isinstance(notice, NoticeFailed)
    }
    false = {str(each.said.message.id): each for each in reckoned.false}
    owed = [each for each in told.values() if each.step in false]
    untold = [
        f"{each.notice.report_id} {false[each.step].step}: {each.notice.recipient} by {each.notice.channel}"
        for each in owed
        if (each.notice.report_id, each.notice.recipient, each.notice.channel) not in corrected
    ]
    figures = f"{len(owed)} told of something false, {len(untold)} of them never told that it was"
    return Check("whoever was told of a false one is told so", not untold, figures, tuple(untold[:5]))


def _sent(facts: Facts) -> Check:
    """Each notice that was sent by e-mail arrived; what is uncertain may come twice."""
    arrived = {mail.message_id.partition("@")[0] for mail in facts.mails}
    by_mail = [each for each in facts.notices if each.channel is Channel.EMAIL and isinstance(each, NoticeSent)]
    lost = [str(each.notice_id) for each in by_mail if str(each.notice_id) not in arrived]
    outcomes = dict(Counter(type(each).__name__ for each in facts.notices))
    figures = f"{outcomes}, {len(lost)} not arrived"
    return Check("what is said to be sent has arrived", not lost, figures, tuple(lost[:5]))


def _mails(facts: Facts, told: Mapping[UUID, Told]) -> Check:
    """No two mails to one address say the same of one clock; one may come again under its id, save at a citizen's.

    Two referrals of one case to one agency read alike, and so may two rounds of one verification.
    """
    ids: dict[Hashable, set[str]] = defaultdict(set)
    subjects: dict[Hashable, str] = {}
    for mail in facts.mails:
        known = told.get(UUID(mail.message_id.partition("@")[0]))
        if not mail.to.endswith(AGENCIES):
            same = mail.to, mail.sha, known.key if known else None
            ids[same].add(mail.message_id)
            subjects[same] = f"{mail.to}: {mail.subject}"
    again = [pair for pair, n in Counter((mail.message_id, mail.to) for mail in facts.mails).items() if n > 1]
    twice = [subjects[same] for same, found in ids.items() if len(found) > 1]
    to_citizens = [to for _, to in again if to.endswith(CITIZENS)]
    figures = f"{len(facts.mails)} mails, {len(twice)} said twice, {len(again)} arrived again,"
    figures += f" {len(to_citizens)} of these at citizens'"
    return Check("nobody is told the same twice", not (twice or to_citizens), figures, tuple((twice + to_citizens)[:5]))


def _waiting(facts: Facts, untold: int, due: int) -> str:
    waiting = facts.ended.waiting if facts.ended else 0
    return f"{due - untold} of {due}" + (f", {waiting} notices still waited at the end" if waiting else "")
