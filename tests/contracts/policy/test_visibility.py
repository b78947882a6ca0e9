"""For how long each status of each kind of category is seen, row by row."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import pytest
from contracts.policy.categories import Category, catalogues
from contracts.policy.terms import WARSAW
from contracts.policy.visibility import counts_support, is_public, month_after, window
from contracts.statuses import OPEN, Status

CHANGED = datetime(2026, 11, 2, 9, 47, 13, tzinfo=UTC)
CATEGORY_OF = {"always": "parking", "confirmed": "dangerous-venue", "never": "drug-use", "unknown": "from-tomorrow"}
SECOND = timedelta(seconds=1)
FOR_EVER = "for ever"

# Until when each status is seen, for a category that is always public and for one that is public once confirmed.
WEEK, MONTH = datetime(2026, 11, 9, 9, 47, 13, tzinfo=UTC), datetime(2026, 12, 2, 9, 47, 13, tzinfo=UTC)
VISIBILITY: dict[Status, tuple[object, object]] = {
    Status.NEW: (FOR_EVER, None),
    Status.VERIFICATION: (FOR_EVER, None),
    Status.CONFIRMED: (FOR_EVER, FOR_EVER),
    Status.UNCONFIRMED: (WEEK, None),
    Status.REFERRED: (FOR_EVER, FOR_EVER),
    Status.ELIMINATED: (MONTH, MONTH),
    Status.REJECTED: (None, None),
}
TABLE = [
    (status, kind, {"always": always, "confirmed": confirmed}.get(kind))
    for (status, (always, confirmed)), kind in product(VISIBILITY.items(), CATEGORY_OF)
]


def test_the_table_covers_every_status_and_every_kind_of_category() -> None:
    kinds = set(get_args(Category.__annotations__["public"]))
    assert {(status, kind) for status, kind, _ in TABLE} == set(product(Status, kinds | {"unknown"}))


@pytest.mark.parametrize(("status", "kind", "until"), TABLE)
def test_each_status_is_seen_for_as_long_as_the_table_says(status: Status, kind: str, until: object) -> None:
    visible = window(CATEGORY_OF[kind], status, CHANGED)
    assert is_public(CATEGORY_OF[kind], status) == (until is not None)
    if until is None:
        assert visible is None
    elif until == FOR_EVER:
        assert visible is not None
        assert visible.until is None
        assert visible.open_at(CHANGED + timedelta(days=10_000))
    else:
        assert isinstance(until, datetime)
        assert visible is not None
        assert visible.until == until
        moments = (CHANGED, until - SECOND, until, until + SECOND)
        assert [visible.open_at(at) for at in moments] == [True, True, False, False]


def test_the_catalogue_hides_what_the_police_never_show() -> None:
    by_kind: dict[str, set[str]] = {}
    for category in catalogues()[-1].category:
        by_kind.setdefault(category.public, set()).add(category.code)
    assert by_kind["never"] == {"drug-use", "animal-cruelty"}
    assert by_kind["confirmed"] == {"dangerous-venue"}


@pytest.mark.parametrize(("status", "kind"), list(product(Status, CATEGORY_OF)))
def test_support_counts_while_the_case_is_worked_on_and_can_be_seen(status: Status, kind: str) -> None:
    seen = is_public(CATEGORY_OF[kind], status)
    assert counts_support(CATEGORY_OF[kind], status) == (seen and status in OPEN)
    if status in (Status.ELIMINATED, Status.UNCONFIRMED, Status.REJECTED) or kind in ("never", "unknown"):
        assert not counts_support(CATEGORY_OF[kind], status)


def warsaw(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=WARSAW).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (warsaw(2026, 11, 2, 9, 0), warsaw(2026, 12, 2, 9, 0)),
        (warsaw(2026, 12, 31, 23, 59), warsaw(2027, 1, 31, 23, 59)),
        (warsaw(2027, 1, 31, 12, 0), warsaw(2027, 2, 28, 12, 0)),
        (warsaw(2028, 1, 31, 12, 0), warsaw(2028, 2, 29, 12, 0)),  # a leap year
        (warsaw(2027, 3, 31, 8, 0), warsaw(2027, 4, 30, 8, 0)),
        (warsaw(2027, 3, 1, 8, 0), warsaw(2027, 4, 1, 8, 0)),  # over the spring change: 31 days less an hour
        (warsaw(2026, 10, 1, 8, 0), warsaw(2026, 11, 1, 8, 0)),  # over the autumn change: 31 days and an hour
        (warsaw(2027, 2, 28, 2, 30), warsaw(2027, 3, 28, 3, 30)),  # 2:30 is skipped that night
        (datetime(2026, 10, 31, 23, 30, tzinfo=UTC), warsaw(2026, 12, 1, 0, 30)),  # already November in Warsaw
    ],
)
def test_a_month_is_a_calendar_month_in_warsaw(start: datetime, end: datetime) -> None:
    assert month_after(start) == end
    visible = window("parking", Status.ELIMINATED, start)
    assert visible
    assert visible.until == end


@pytest.mark.parametrize(
    ("start", "hours"), [(warsaw(2026, 10, 20, 12, 0), 169), (warsaw(2027, 3, 25, 12, 0), 167), (CHANGED, 168)]
)
def test_seven_days_end_at_the_same_wall_clock_time(start: datetime, hours: int) -> None:
    visible = window("parking", Status.UNCONFIRMED, start)
    assert visible
    assert visible.until == start + timedelta(hours=hours)
