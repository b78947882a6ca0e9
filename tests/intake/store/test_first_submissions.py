"""Before a report is taken for new, the log has been read to where its partition ends."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from contracts.topics import REPORT_SUBMITTED
from hypothesis import given
from hypothesis import strategies as st
from intake.domain.partitions import partition_of
from intake.store.first_submissions import FirstSubmissions
from support.events import SUBMITTED

REPORT = uuid4()
PARTITION = partition_of(str(REPORT).encode(), REPORT_SUBMITTED.partitions)


class Brokers:
    """They say how far the partition goes, or nothing; and count how often they are asked."""

    def __init__(self, end: int | None) -> None:
        self.end, self.asked = end, 0

    def ends(self) -> dict[int, int] | None:
        self.asked += 1
        return None if self.end is None else {PARTITION: self.end}


async def found_after(
    submissions: FirstSubmissions, read: Callable[[], None], *, certain: bool, report_id: UUID = REPORT
) -> tuple[bool, datetime | None]:
    """Whether it was waited for what is read later, and what was found then."""
    question = asyncio.create_task(submissions.find_or_claim(report_id, certain=certain))
    done, _ = await asyncio.wait([question], timeout=0.1)
    read()
    return not done, await asyncio.wait_for(question, 5)


@pytest.mark.parametrize("certain", [True, False])
def test_a_repeat_that_a_lagging_reader_has_not_read_is_waited_for(certain: bool) -> None:
    brokers = Brokers(end=8)
    submissions = FirstSubmissions(brokers.ends)
    submissions.update_read_to_end({PARTITION: 7})

    def read() -> None:
        submissions.insert(REPORT, SUBMITTED)
        submissions.update_position(PARTITION, 8)

    assert asyncio.run(found_after(submissions, read, certain=certain)) == (True, SUBMITTED)
    assert brokers.asked == 1


@pytest.mark.parametrize("written", [True, False])
def test_who_asks_while_another_writes_waits_for_what_becomes_of_it(written: bool) -> None:
    submissions = FirstSubmissions(Brokers(end=7).ends)
    submissions.update_read_to_end({PARTITION: 7})

    def done() -> None:
        if written:
            submissions.insert_own(REPORT)
            submissions.insert(REPORT, SUBMITTED)
        submissions.delete_claim(REPORT)

    async def both() -> tuple[bool, datetime | None]:
        assert await submissions.find_or_claim(REPORT, certain=False) is None
        return await found_after(submissions, done, certain=False)

    assert asyncio.run(both()) == (True, SUBMITTED if written else None)


def test_while_the_brokers_do_not_say_nothing_is_new() -> None:
    brokers = Brokers(end=None)
    submissions = FirstSubmissions(brokers.ends)
    submissions.update_read_to_end({PARTITION: 7})

    def they_say() -> None:
        brokers.end = 7

    assert asyncio.run(found_after(submissions, they_say, certain=False)) == (True, None)


def test_where_memory_is_sure_one_question_serves_for_a_while() -> None:
    async def ask(certain: bool, times: int) -> list[datetime | None]:
        return await asyncio.gather(*(submissions.find_or_claim(uuid4(), certain=certain) for _ in range(times)))

    async def in_turn() -> list[int]:
        counts = []
        for certain in (True, True, False, False):
            assert await ask(certain, 50) == [None] * 50
            counts.append(brokers.asked)
        return counts

    brokers = Brokers(end=7)
    submissions = FirstSubmissions(brokers.ends)
    submissions.update_read_to_end({PARTITION: 7})
    first, second, third, fourth = asyncio.run(in_turn())
    assert first == second == 1
    assert second < third < fourth <= second + 4


@given(st.dictionaries(st.integers(0, 11), st.integers(0, 100)), st.dictionaries(st.integers(0, 11), st.integers(0, 9)))
def test_a_position_never_goes_back(read: dict[int, int], ends: dict[int, int]) -> None:
    submissions = FirstSubmissions(lambda: read)
    for partition, position in read.items():
        submissions.update_position(partition, position)
    submissions.update_read_to_end(ends)
    assert asyncio.run(asyncio.wait_for(submissions.find_or_claim(REPORT, certain=False), 5)) is None
