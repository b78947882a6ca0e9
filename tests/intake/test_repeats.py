"""A repeat that comes while its first is on the way to the log, which a memory has forgotten, is the same report."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from intake.domain.identity import KeyUse
from intake.domain.limits import Admitted
from intake.log_writer import NotAcknowledged
from intake.repeats import Repeats
from intake.store.first_submissions import FirstSubmissions
from intake.store.local_usage import LocalUsage
from support.events import SUBMITTED

LATER = SUBMITTED + timedelta(seconds=16)
REPORT = uuid4()
KEY = KeyUse("key", "digest", SUBMITTED)


async def first_and_repeat(log_takes: bool, patience: float) -> tuple[tuple[object, object], list[str]]:
    """What each comes to, and who wrote; the first writes until the repeat has come."""
    submissions = FirstSubmissions(dict)
    submissions.update_read_to_end({})
    repeats = Repeats(LocalUsage(), submissions, timedelta(seconds=patience))
    wrote, writes, repeated = list[str](), asyncio.Event(), asyncio.Event()

    async def write_first() -> None:
        wrote.append("first")
        writes.set()
        await repeated.wait()
        if not log_takes:
            raise NotAcknowledged
        submissions.insert(REPORT, SUBMITTED)

    async def write_repeat() -> None:
        wrote.append("repeat")
        submissions.insert(REPORT, LATER)

    first = asyncio.create_task(repeats.once(REPORT, KEY, Admitted(SUBMITTED, certain=False), write_first))
    await writes.wait()
    repeat = asyncio.create_task(repeats.once(REPORT, KEY, Admitted(LATER, certain=False), write_repeat))
    await asyncio.wait([repeat], timeout=0.1)
    repeated.set()
    return await asyncio.gather(first, repeat, return_exceptions=True), wrote


def test_the_repeat_waits_and_has_the_time_of_the_first() -> None:
    answers, wrote = asyncio.run(first_and_repeat(log_takes=True, patience=5))
    assert wrote == ["first"]
    assert list(answers) == [Admitted(SUBMITTED), Admitted(SUBMITTED, acknowledged=True)]


def test_where_the_first_is_given_up_the_repeat_writes() -> None:
    (first, repeat), wrote = asyncio.run(first_and_repeat(log_takes=False, patience=5))
    assert isinstance(first, NotAcknowledged)
    assert (repeat, wrote) == (Admitted(LATER), ["first", "repeat"])


def test_a_repeat_waits_no_longer_than_it_is_answered_for() -> None:
    (first, repeat), wrote = asyncio.run(first_and_repeat(log_takes=True, patience=0.02))
    assert (first, wrote) == (Admitted(SUBMITTED), ["first"])
    assert isinstance(repeat, NotAcknowledged)


@pytest.mark.parametrize("certain", [True, False])
def test_without_a_key_each_is_a_report_of_its_own(certain: bool) -> None:
    repeats = Repeats(LocalUsage(), FirstSubmissions(dict), timedelta(seconds=5))
    wrote: list[int] = []

    async def write() -> None:
        wrote.append(1)

    admitted = Admitted(SUBMITTED, certain=certain)
    assert asyncio.run(repeats.once(REPORT, None, admitted, write)) == admitted
    assert wrote == [1]
