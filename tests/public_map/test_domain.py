"""The rules of visibility and precision, row by row."""

from datetime import UTC, datetime, timedelta
from itertools import product
from math import cos, hypot, radians
from typing import get_args

import pytest
from contracts.cases import CaseChange, CasesMerged
from contracts.categories import Category, catalogues
from contracts.statuses import Status
from contracts.terms import WARSAW
from hypothesis import given
from hypothesis import strategies as st
from public_map import domain
from support.events import OPOLE, report_id

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


def change(status: Status, category: str = "parking", at: datetime = CHANGED) -> CaseChange:
    return CaseChange(
        report_id=report_id(1),
        version=3,
        changed_at=at,
        case_number="OPO-26-000001-A",
        status=status,
        category=category,
        longitude=17.9211,
        latitude=50.6751,
        owner=OPOLE,
        submitted_at=at - timedelta(days=1),
    )


def test_the_table_covers_every_status_and_every_kind_of_category() -> None:
    kinds = set(get_args(Category.__annotations__["public"]))
    assert {(status, kind) for status, kind, _ in TABLE} == set(product(Status, kinds | {"unknown"}))


@pytest.mark.parametrize(("status", "kind", "until"), TABLE)
def test_each_status_is_seen_for_as_long_as_the_table_says(status: Status, kind: str, until: object) -> None:
    window = domain.window(change(status, CATEGORY_OF[kind]))
    if until is None:
        assert window is None
    elif until == FOR_EVER:
        assert window is not None
        assert window.until is None
        assert window.open_at(CHANGED + timedelta(days=10_000))
    else:
        assert isinstance(until, datetime)
        assert window is not None
        assert window.until == until
        assert [window.open_at(at) for at in (CHANGED, until - SECOND, until, until + SECOND)] == [
            True,
            True,
            False,
            False,
        ]


def test_the_catalogue_hides_what_the_police_never_show() -> None:
    by_kind: dict[str, set[str]] = {}
    for category in catalogues()[-1].category:
        by_kind.setdefault(category.public, set()).add(category.code)
    assert by_kind["never"] == {"drug-use", "animal-cruelty"}
    assert by_kind["confirmed"] == {"dangerous-venue"}


@pytest.mark.parametrize("status", list(Status))
def test_a_case_that_ended_in_another_one_is_gone(status: Status) -> None:
    fields = {name: getattr(change(status), name) for name in CaseChange.__struct_fields__}
    assert domain.window(CasesMerged(**fields, into=report_id(2), into_number="OPO-26-000002-B")) is None


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
    assert domain.month_after(start) == end
    window = domain.window(change(Status.ELIMINATED, at=start))
    assert window
    assert window.until == end


@pytest.mark.parametrize(
    ("start", "hours"), [(warsaw(2026, 10, 20, 12, 0), 169), (warsaw(2027, 3, 25, 12, 0), 167), (CHANGED, 168)]
)
def test_seven_days_end_at_the_same_wall_clock_time(start: datetime, hours: int) -> None:
    window = domain.window(change(Status.UNCONFIRMED, at=start))
    assert window
    assert window.until == start + timedelta(hours=hours)


def test_the_public_report_is_to_the_hour_and_names_nobody_but_the_unit() -> None:
    seen = domain.public_report(change(Status.CONFIRMED, "begging"))
    assert (seen.submitted_at, seen.changed_at) == (
        datetime(2026, 11, 1, 9, tzinfo=UTC),
        datetime(2026, 11, 2, 9, tzinfo=UTC),
    )
    assert (seen.longitude, seen.latitude) != (17.9211, 50.6751)
    assert (seen.garrison, seen.unit, seen.unit_name) == (OPOLE.garrison, OPOLE.unit, OPOLE.unit_name)


PLACES = st.tuples(st.floats(14.0, 24.2), st.floats(49.0, 55.0))


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    aside = (one[0] - other[0]) * cos(radians(one[1]))
    return 111_320 * hypot(aside, one[1] - other[1])


@given(PLACES)
def test_an_exact_category_shows_the_place_to_a_tenth_of_a_metre(place: tuple[float, float]) -> None:
    assert metres(domain.public_place(*place, 0), place) < 0.1


@given(PLACES, st.sampled_from([100, 250, 1000]))
def test_a_shifted_place_is_never_further_than_half_a_cell_diagonal(place: tuple[float, float], precision: int) -> None:
    assert metres(domain.public_place(*place, precision), place) <= precision * 0.7072 + 0.2


@given(PLACES, st.integers(1, 5), st.floats(0, 1), st.floats(0, 1))
def test_averaging_reveals_nothing(place: tuple[float, float], repeats: int, right: float, up: float) -> None:
    """Every place of one cell, however often it is reported, is shown at one point, the centre, which stays itself."""
    shown = domain.public_place(*place, 100)
    assert {domain.public_place(*place, 100) for _ in range(repeats)} == {shown}
    assert domain.public_place(*shown, 100) == shown
    # Anywhere else in the same cell (a little off its edges, where rounding decides).
    half_up = 49 / 111_320
    half_aside = half_up / cos(radians(shown[1]))
    elsewhere = shown[0] + (2 * right - 1) * half_aside, shown[1] + (2 * up - 1) * half_up
    assert domain.public_place(*elsewhere, 100) == shown


@given(PLACES, st.floats(0, 360), st.sampled_from([100.0, 500.0]))
def test_the_box_round_a_place_holds_all_that_is_within(place: tuple[float, float], angle: float, reach: float) -> None:
    west, south, east, north = domain.box_round(*place, reach)
    up = reach / 111_320
    assert south < place[1] - up < place[1] + up < north
    aside = up / cos(radians(place[1]))
    assert west < place[0] - aside < place[0] + aside < east


def test_only_changes_of_status_stand_in_the_timeline() -> None:
    statuses = [
        Status.NEW,
        Status.NEW,
        Status.VERIFICATION,
        Status.VERIFICATION,
        Status.UNCONFIRMED,
        Status.VERIFICATION,
    ]
    steps = [domain.Step(status, CHANGED + number * SECOND) for number, status in enumerate(statuses)]
    assert [steps.index(step) for step in domain.status_steps(steps)] == [0, 2, 4, 5]
