"""The judge holds a sound ledger for sound, and finds each fault that is put into one."""

from collections.abc import Callable
from uuid import UUID, uuid5

import msgspec
import pytest
from contracts.events.cases import CaseRejected
from contracts.events.clocks import Clock, ClockStarted, ClockStopped, DeadlineEscalated, DeadlineMissed, Step, step_id
from contracts.events.notices import Audience
from contracts.topics import DEAD_LETTERS
from support.events import OPOLE

from faults.judging.clocks import withdrawn_steps
from faults.judging.explaining import Mechanism
from faults.ledger import Answered, Claim, Fired, Mail, Message, ReceiptRead
from faults.written import Written, at, sound_ledger, taken


@pytest.fixture
def sound() -> Written:
    """A report in order."""
    return sound_ledger()


def test_a_sound_ledger_holds(sound: Written) -> None:
    verdict = sound.judged()
    assert [(check.what, check.figures, check.examples) for check in verdict.checks if not check.holds] == []
    assert verdict.explanations == ()


def lose_the_case(ledger: Written) -> None:
    ledger.drop(lambda line: isinstance(line, Message) and line.event == "CaseOpened")


def open_it_twice(ledger: Written) -> None:
    ledger.say(ledger.life.changes[0], 0.3, event_id=uuid5(ledger.life.id, "again"))


def send_it_twice_with_two_times(ledger: Written) -> None:
    later = msgspec.structs.replace(ledger.life.submitted, submitted_at=at(3))
    ledger.say(later, 3, event_id=ledger.life.id)


def lose_a_change_that_was_answered(ledger: Written) -> None:
    ledger.drop(lambda line: isinstance(line, Message) and line.event == "CaseTakenUp")


def leave_a_gap(ledger: Written) -> None:
    ledger.replace(Message, lambda line: line.event == "CaseOpened", offset=1_000)


def tell_another_time_on_a_repeat(ledger: Written) -> None:
    ledger.lines.append(msgspec.structs.replace(taken(ledger.life, 5), repeat=True, submitted_at=at(5)))


def show_another_deadline_on_the_receipt(ledger: Written) -> None:
    ledger.replace(ReceiptRead, take_up_by=at(11))


def refuse_a_citizen(ledger: Written) -> None:
    ledger.replace(Answered, status=422)


def set_something_aside(ledger: Written) -> None:
    letter = ledger.say(ledger.life.submitted, 1, event_id=uuid5(ledger.life.id, "letter"))
    ledger.lines[-1] = msgspec.structs.replace(letter, topic=DEAD_LETTERS["routing"].name)


def start_the_clock_at_another_time(ledger: Written) -> None:
    ledger.drop(lambda line: isinstance(line, Message) and line.event == "ClockStarted")
    ledger.clock(ClockStarted, Step.STARTED, Clock.TAKE_UP, 1, 11)


def never_stop_the_clock(ledger: Written) -> None:
    ledger.drop(lambda line: isinstance(line, Message) and line.event == "ClockStopped")


def keep_silent_about_a_miss(ledger: Written) -> None:
    ledger.replace(Message, lambda line: line.event == "NoticeSent", at=at(60))


def write_to_nobody(ledger: Written) -> None:
    ledger.drop(lambda line: isinstance(line, Mail))


def write_the_same_twice(ledger: Written) -> None:
    ledger.mail(uuid5(ledger.life.id, "again"), OPOLE.unit, "case-opened")


@pytest.mark.parametrize(
    ("plant", "names"),
    [
        (lose_the_case, "every accepted report has exactly one case"),
        (open_it_twice, "no fact is said under two ids"),
        (send_it_twice_with_two_times, "no id is said with two bodies"),
        (send_it_twice_with_two_times, "one submitted_at per report"),
        (lose_a_change_that_was_answered, "what officers were answered is on the log"),
        (leave_a_gap, "versions stand on the log without a gap"),
        (tell_another_time_on_a_repeat, "one submitted_at per report"),
        (show_another_deadline_on_the_receipt, "one take-up deadline per report"),
        (refuse_a_citizen, "every report was sent by somebody, and none refused"),
        (set_something_aside, "no dead letters"),
        (start_the_clock_at_another_time, "each clock starts when it must"),
        (never_stop_the_clock, "each clock stops when it must"),
        (keep_silent_about_a_miss, "every warning, miss and escalation that is due is said"),
        (write_to_nobody, "each case's unit has mail"),
        (write_to_nobody, "what is said to be sent has arrived"),
        (write_the_same_twice, "nobody is told the same twice"),
    ],
)
def test_a_fault_in_a_ledger_is_found(sound: Written, plant: Callable[[Written], None], names: str) -> None:
    plant(sound)
    assert any(what.startswith(names) for what in sound.found()), sound.found()


def say_a_false_miss(ledger: Written, *, withdrawn: bool, unconfirmed: bool = False) -> UUID:
    """A miss of the clock that was stopped in time, of which the unit is told."""
    ledger.drop(lambda line: isinstance(line, Message) and line.event == "ClockStopped")
    said = ledger.clock(DeadlineMissed, Step.MISSED, Clock.TAKE_UP, 0, 10, unconfirmed=unconfirmed)
    ledger.clock(
        *(ClockStopped, Step.STOPPED, Clock.TAKE_UP, 0, 10),
        stopped_at=at(6.9),
        outcome="met",
        withdraws_miss=withdrawn,
    )
    miss = UUID(str(said.id))
    ledger.tell(miss, "deadline-missed", Audience.UNIT, OPOLE.unit, 10.2)
    return miss


def test_a_false_miss_is_found_also_where_it_was_withdrawn(sound: Written) -> None:
    say_a_false_miss(sound, withdrawn=True)
    sound.tell(step_id(sound.life.id, Clock.TAKE_UP, 1, Step.STOPPED), "miss-withdrawn", Audience.UNIT, OPOLE.unit, 11)
    assert sound.found() == {"no false misses"}
    (check,) = (check for check in sound.judged().checks if check.what == "no false misses")
    assert check.figures == "1 false of 1, 0 of them still standing"


def test_a_false_miss_that_says_it_is_not_confirmed_is_false_and_explains_itself(sound: Written) -> None:
    say_a_false_miss(sound, withdrawn=True, unconfirmed=True)
    assert "no false misses" in sound.found()
    (explanation,) = sound.judged().explanations
    assert explanation.mechanism is Mechanism.UNCONFIRMED


def test_of_a_late_stop_only_the_escalations_it_names_are_taken_back(sound: Written) -> None:
    said = sound.clock(
        *(ClockStopped, Step.STOPPED, Clock.TAKE_UP, 0, 10),
        stopped_at=at(13),
        outcome="missed",
        withdraws_escalations=("headquarters",),
    )
    assert not isinstance(said.body, msgspec.UnsetType)
    stopped = msgspec.json.decode(said.body, type=ClockStopped)
    assert withdrawn_steps(stopped) == {Step.HEADQUARTERS}
    assert withdrawn_steps(msgspec.structs.replace(stopped, withdraws_miss=True)) == {Step.MISSED, Step.HEADQUARTERS}


def test_a_false_miss_that_stands_and_of_which_nobody_is_told_the_truth(sound: Written) -> None:
    say_a_false_miss(sound, withdrawn=False)
    assert sound.found() == {"no false misses", "whoever was told of a false one is told so"}
    (check,) = (check for check in sound.judged().checks if check.what == "no false misses")
    assert check.figures == "1 false of 1, 1 of them still standing"


def test_an_escalation_after_a_late_stop_is_false_although_the_miss_was_not(sound: Written) -> None:
    sound.change(CaseRejected, 29)
    sound.clock(DeadlineMissed, Step.MISSED, Clock.VERIFICATION, 6.9, 26.9)
    sound.clock(DeadlineEscalated, Step.GARRISON, Clock.VERIFICATION, 6.9, 26.9, to="garrison")
    sound.clock(
        *(ClockStopped, Step.STOPPED, Clock.VERIFICATION, 6.9, 26.9),
        stopped_at=at(29),
        outcome="missed",
    )
    sound.tell(step_id(sound.life.id, Clock.VERIFICATION, 1, Step.MISSED), "deadline-missed", Audience.UNIT, "X", 27)
    assert "no false misses" not in sound.found()
    assert "no false escalations" in sound.found()


@pytest.mark.parametrize(
    ("claimed", "mechanism"),
    [(6.91, Mechanism.OPEN), (6.93, Mechanism.OUTBOX), (10, Mechanism.ON_THE_LOG), (None, Mechanism.UNTRACED)],
)
def test_a_false_miss_is_explained_by_where_its_stop_was(
    sound: Written, claimed: float | None, mechanism: Mechanism
) -> None:
    say_a_false_miss(sound, withdrawn=True)
    (stop,) = (line for line in sound.lines if isinstance(line, Message) and line.event == "CaseTakenUp")
    if claimed is not None:
        claim = Claim(stop.topic, stop.partition, at(claimed), at(10))
        sound.lines.append(Fired(report_id=sound.life.id, clock="take-up", cycle=1, at=at(10.1), claims=(claim,)))
    (explanation,) = sound.judged().explanations
    assert explanation.mechanism is mechanism
