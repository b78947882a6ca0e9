"""What has to change on the topic, row by row."""

from uuid import UUID

import pytest
from public_map.domain.differences import (
    Differences,
    TableState,
    TopicEntry,
    batches,
    differences,
    still_different,
)
from support.events import report_id

A, B, C = (report_id(number) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("in_table", "unpublished", "on_topic", "withdrawn", "missing"),
    [
        ({A: 2}, set(), {A: TopicEntry(0, 2)}, [], {}),
        ({A: 2}, set(), {}, [], {A: 2}),
        ({A: 2}, set(), {A: TopicEntry(0, 1)}, [], {A: 2}),
        ({A: 2}, set(), {A: TopicEntry(0, 3)}, [], {}),
        ({A: 2}, {A}, {}, [], {}),
        ({}, set(), {A: TopicEntry(0, 1), B: TopicEntry(0, 1)}, [A, B], {}),
        ({}, {A}, {A: TopicEntry(0, 1)}, [], {}),
        ({}, set(), {A: TopicEntry(7, 1)}, [], {}),
        ({A: 2}, set(), {B: TopicEntry(0, 1)}, [B], {A: 2}),
    ],
    ids=[
        "both agree",
        "never published",
        "published in an older version",
        "the topic is ahead",
        "not on the topic yet",
        "not public any more",
        "its tombstone is not on the topic yet",
        "its partition is not read to the end",
        "one of each",
    ],
)
def test_what_differs(
    in_table: dict[UUID, int],
    unpublished: set[UUID],
    on_topic: dict[UUID, TopicEntry],
    withdrawn: list[UUID],
    missing: dict[UUID, int],
) -> None:
    found = differences(TableState(in_table, unpublished), on_topic, {0, 1})
    assert found == Differences(tuple(withdrawn), missing)


def test_what_changed_since_is_left_alone() -> None:
    found = Differences((A, B), {C: 2})
    assert still_different(found, TableState({C: 2}, set())) == found
    assert still_different(found, TableState({A: 3, C: 3}, {B})) == Differences((), {})
    assert still_different(found, TableState({C: 2}, {C})) == Differences((A, B), {})
    assert still_different(found, TableState({}, set())) == Differences((A, B), {})


def test_batches_lose_nothing() -> None:
    found = Differences((A, B, C), {A: 1})
    assert list(batches(found, 2)) == [Differences((A, B), {A: 1}), Differences((C,), {})]
    assert list(batches(Differences((), {}), 2)) == []
