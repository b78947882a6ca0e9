"""Whatever single part dies: accepted = routed = opened, nothing twice, and no deadline judged on half the news."""

import os
import signal
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from contracts.envelope import Outgoing
from contracts.events.cases import CaseChange, CaseOpened
from contracts.events.clocks import Clock, ClockEvent, ClockStarted, ClockStopped, DeadlineEscalated, DeadlineMissed
from contracts.events.notices import NoticeSent
from contracts.events.reports import ReportContent, ReportSubmitted
from contracts.events.routing import ReportRouted, ReportUnroutable
from contracts.topics import CASE_CHANGED, CLOCK, CONTENT, DEAD_LETTERS, NOTICE, REPORT_ROUTED, REPORT_SUBMITTED
from deploy.stack.process import Process
from journeys.journey import OPOLE, Journey, Receipt
from support.events import outgoing
from support.wait import eventually

from deploy.stack import services

pytestmark = [pytest.mark.long, pytest.mark.timeout(180)]
# Places whose unit is beyond doubt: well inside a big city.
CITIES = {
    "KMP-1661": OPOLE,
    "KMP-0264": (17.0326, 51.1098),
    "KMP-1261": (19.9449, 50.0617),
    "KMP-3064": (16.9335, 52.4069),
    "KMP-0663": (22.5684, 51.2465),
}
# Categories with terms of seconds: terms.toml.
TERM_OF_10_SECONDS, TERM_OF_3_SECONDS = "speeding", "drinking"
OFF_THE_MAP = {"the sea": (17.2, 54.95), "Germany": (14.05, 52.3)}


def send_everywhere(journey: Journey, times: int, category: str = "parking") -> list[Receipt]:
    return [journey.send(*place, category) for _ in range(times) for place in CITIES.values()]


def opened(journey: Journey) -> dict[UUID, CaseOpened]:
    return {each.report_id: each for each in journey.events(CASE_CHANGED) if isinstance(each, CaseOpened)}


def assert_exactly_once(journey: Journey, receipts: list[Receipt]) -> None:
    """Each report is on the log, routed, opened and timed; nothing of it is a dead letter; no fact has two ids."""
    sent = {receipt.report_id for receipt in receipts}
    eventually(lambda: sent <= opened(journey).keys(), 60)
    journey.settle(REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED, CLOCK, NOTICE, *DEAD_LETTERS.values())
    submitted = [each.report_id for each in journey.events(REPORT_SUBMITTED) if isinstance(each, ReportSubmitted)]
    routed = [each.report_id for each in journey.events(REPORT_ROUTED) if isinstance(each, ReportRouted)]
    assert Counter(each for each in submitted if each in sent) == Counter(sent)
    assert Counter(each for each in routed if each in sent) == Counter(sent)
    eventually(lambda: sent <= {each.report_id for each in journey.events(CLOCK) if isinstance(each, ClockStarted)}, 30)
    letters = [letter.key() for topic in DEAD_LETTERS.values() for letter in journey.messages(topic)]
    assert {str(report_id).encode() for report_id in sent}.isdisjoint(letters)
    facts = [
        (type(each).__name__, each.report_id, each.version)
        for each in journey.events(CASE_CHANGED)
        if isinstance(each, CaseChange)
    ] + [
        (type(each).__name__, each.report_id, f"{each.clock} {each.cycle} {getattr(each, 'to', '')}")
        for each in journey.events(CLOCK)
        if isinstance(each, ClockEvent)
    ]
    facts += [("NoticeSent", each.notice_id, "") for each in journey.events(NOTICE) if isinstance(each, NoticeSent)]
    assert [fact for fact, number in Counter(facts).items() if number > 1] == []


@pytest.mark.parametrize("service", services.SERVICES)
def test_a_service_is_killed_under_load_and_nothing_is_lost_or_done_twice(journey: Journey, service: str) -> None:
    first = send_everywhere(journey, 3)
    victim = journey.system.process(service)
    killed = victim.pid
    assert killed
    os.kill(killed, signal.SIGKILL)
    second = send_everywhere(journey, 3)
    eventually(lambda: victim.pid not in (None, killed) and victim.part.ready(), 40)
    assert_exactly_once(journey, first + second)


def test_casework_killed_between_database_and_offset_commit_opens_each_case_once(journey: Journey) -> None:
    journey.hold("casework", by=Process.stop)  # which tells the group at once; a killed member is waited for
    try:
        receipts = send_everywhere(journey, 2)
        program = Path(__file__).with_name("killed_before_offsets.py")
        dying = subprocess.run(
            [sys.executable, str(program), "casework"],
            env=dict(journey.system.process("casework").part.environ),
            capture_output=True,
            timeout=60,
        )
        assert dying.returncode == -signal.SIGKILL, dying.stderr.decode()
    finally:
        journey.release("casework")
    assert_exactly_once(journey, receipts)


def test_everything_is_down_past_the_deadline_and_no_false_miss_goes_out(journey: Journey) -> None:
    receipts = send_everywhere(journey, 4, TERM_OF_10_SECONDS)
    eventually(lambda: {each.report_id for each in receipts} <= opened(journey).keys())
    # The clocks' keeper goes first, so that what stops half of the clocks is still unread when everything is down.
    journey.hold("sla-monitor")
    taken_up = {each.report_id for each in receipts[::2]}
    for report_id in taken_up:
        case = opened(journey)[report_id]
        answer = journey.change(report_id, "take-up", journey.officer(case.owner.unit, case.owner.garrison))
        assert answer.is_success, answer.text
    journey.hold(*(name for name in services.SERVICES if name != "sla-monitor"))
    last = max(journey.due_at(each) for each in receipts)
    eventually(lambda: journey.now() > last, 30)
    journey.release(*services.SERVICES)
    slept = {each.report_id for each in receipts} - taken_up

    def missed() -> set[UUID]:
        events = [each for each in journey.events(CLOCK) if isinstance(each, DeadlineMissed)]
        return {each.report_id for each in events if each.clock is Clock.TAKE_UP}

    eventually(lambda: slept <= missed(), 60)
    journey.settle(CLOCK)
    assert missed() & taken_up == set()
    stopped = {
        each.report_id: each.outcome
        for each in journey.events(CLOCK)
        if isinstance(each, ClockStopped) and each.clock is Clock.TAKE_UP
    }
    assert {report_id: stopped.get(report_id) for report_id in taken_up} == dict.fromkeys(taken_up, "met")


def test_what_cannot_be_routed_is_headquarters_case_with_a_clock_that_escalates(journey: Journey) -> None:
    receipts = [journey.send(*place, TERM_OF_3_SECONDS) for place in OFF_THE_MAP.values()]
    sent = {each.report_id for each in receipts}
    eventually(lambda: sent <= opened(journey).keys(), 30)
    journey.settle(REPORT_ROUTED)
    unroutable = {each.report_id for each in journey.events(REPORT_ROUTED) if isinstance(each, ReportUnroutable)}
    assert sent <= unroutable
    assert {opened(journey)[report_id].owner.unit for report_id in sent} == {"KGP"}
    headquarters = journey.officer("KGP", "KGP", "headquarters")
    assert all(journey.case(report_id, headquarters).is_success for report_id in sent)

    def escalated() -> set[UUID]:
        events = [each for each in journey.events(CLOCK) if isinstance(each, DeadlineEscalated)]
        return {each.report_id for each in events if each.to == "headquarters"}

    eventually(lambda: sent <= escalated(), 60)


def test_words_that_cannot_be_used_end_in_the_dead_letter_alone(journey: Journey) -> None:
    receipts = send_everywhere(journey, 1)
    poisoned = receipts[0]
    good = outgoing(ReportContent(report_id=poisoned.report_id, description="?"), source="intake")
    refused = (good.value or b"").replace(b"?", b"a\\u0000b")
    before = len(journey.messages(DEAD_LETTERS["casework"]))
    journey.publish_unusable(Outgoing(CONTENT.name, good.key, good.headers, refused))
    journey.publish(
        *(
            outgoing(ReportContent(report_id=each.report_id, description="Widać z ulicy."), source="intake")
            for each in receipts[1:]
        ),
    )
    letters = eventually(lambda: journey.messages(DEAD_LETTERS["casework"])[before:], 30)
    assert [letter.key() for letter in letters] == [str(poisoned.report_id).encode()]
    assert letters[0].value() == refused
    eventually(lambda: {each.report_id for each in receipts} <= opened(journey).keys(), 30)

    def description(receipt: Receipt) -> Any:
        case = opened(journey)[receipt.report_id]
        officer = journey.officer(case.owner.unit, case.owner.garrison)
        words = journey.case(receipt.report_id, officer).json()["words"]
        return words["description"] if words else None

    def has_words(receipt: Receipt) -> bool:
        return bool(description(receipt) == "Widać z ulicy.")

    for receipt in receipts[1:]:
        eventually(partial(has_words, receipt), 30)
    assert description(poisoned) is None
