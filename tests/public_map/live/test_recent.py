"""What is kept of the public topic's end: everybody who comes back gets exactly what they have not read yet."""

from random import Random
from uuid import UUID

import pytest
from public_map.domain.reading.recent import Change, RecentChanges, position_text, read_position

PARTITIONS = 3


def change(partition: int, offset: int, report: int, place: tuple[float, float] | None = (17.9, 50.6)) -> Change:
    return Change(partition, offset, UUID(int=report), b"{}" if place else None, place, version=offset + 1)


@pytest.mark.parametrize("seed", range(20))
def test_whoever_comes_back_reads_each_change_once_or_is_told_that_some_are_gone(seed: int) -> None:
    chance = Random(seed)
    recent, ends = RecentChanges(PARTITIONS, most=15), [chance.randint(0, 5) for _ in range(PARTITIONS)]
    recent.settle(tuple(ends))
    number, position, seen = recent.added, recent.position, list[tuple[int, int]]()
    written = list[tuple[int, int]]()
    for _ in range(40):
        for _ in range(chance.randint(0, 4)):
            partition = chance.randrange(PARTITIONS)
            recent.add(change(partition, ends[partition], len(written)))
            written.append((partition, ends[partition]))
            ends[partition] += chance.randint(1, 2)  # compaction leaves gaps
        if chance.random() < 0.5:  # away, and back with nothing but the position
            found = recent.number_at(position)
            if found is None:
                number, position, seen = recent.added, recent.position, list(written)
                continue
            number = found
        if (batch := recent.after(number, position, most=chance.randint(1, 10))) is None:
            number, position, seen = recent.added, recent.position, list(written)
            continue
        for later, behind in batch:
            number, position = number + 1, behind
            if not later.skipped:
                seen.append((later.partition, later.offset))
    while batch := recent.after(number, position, most=10):
        for later, behind in batch:
            number, position = number + 1, behind
            if not later.skipped:
                seen.append((later.partition, later.offset))
    assert seen == written
    assert len(set(seen)) == len(seen)


def test_what_a_later_change_follows_is_not_said_again() -> None:
    recent = RecentChanges(PARTITIONS, most=15)
    recent.settle((0, 0, 0))
    start = recent.position
    for offset in range(3):
        recent.add(change(0, offset, report=1))
    recent.add(change(1, 0, report=2))
    recent.add(change(0, 3, report=1, place=None))
    found = recent.after(0, start, 10)
    assert found
    assert [(later.offset, later.json) for later, _ in found if not later.skipped] == [(0, b"{}"), (3, None)]


def test_what_was_read_before_changes_nothing() -> None:
    recent = RecentChanges(PARTITIONS, most=15)
    recent.settle((0, 7, 0))
    for _ in range(2):
        recent.add(change(0, 0, report=1))
        recent.add(change(1, 6, report=2))
    assert recent.added == 1
    assert recent.position == (1, 7, 0)


def test_who_is_too_far_back_or_of_another_topic_is_known() -> None:
    recent = RecentChanges(PARTITIONS, most=2)
    recent.settle((5, 0, 0))
    start = recent.position
    assert recent.number_at(start) == 0
    assert recent.number_at((4, 0, 0)) is None
    assert recent.number_at((6, 0, 0)) == 0  # read at an instance that is ahead of us
    assert recent.number_at((50_000, 0, 0)) is None
    for offset in range(5, 8):
        recent.add(change(0, offset, report=offset))
    assert recent.number_at(start) is None
    assert recent.after(0, start, 10) is None
    assert recent.number_at((6, 0, 0)) == 1


def test_before_the_end_was_found_nobody_can_go_on() -> None:
    assert RecentChanges(PARTITIONS, most=2).number_at((0, 0, 0)) is None


def test_a_box_is_told_what_is_in_it_and_what_may_have_been() -> None:
    box = (17.0, 50.0, 18.0, 51.0)
    inside, outside = change(0, 1, 1), change(0, 1, 1, place=(19.0, 50.5))
    assert [each.event(None) for each in (inside, outside)] == [("report", b"{}")] * 2
    assert inside.event(box) == ("report", b"{}")
    gone = ("removed", f'{{"report_id":"{UUID(int=1)}"}}'.encode())
    assert outside.event(box) == gone
    assert change(0, 0, 1, place=(19.0, 50.5)).event(box) is None  # its first version was nowhere before
    assert change(0, 1, 1, place=None).event(box) == gone


@pytest.mark.parametrize("text", ["", "1.2", "1.2.3.4", "1.2.x", "1..3", "1.2.-3", "1.2.３", "1.2." + "9" * 30])
def test_what_is_no_position_is_none(text: str) -> None:
    assert read_position(text, PARTITIONS) is None


def test_positions_are_read_as_they_were_written() -> None:
    assert read_position(position_text((0, 12, 3)), PARTITIONS) == (0, 12, 3)
