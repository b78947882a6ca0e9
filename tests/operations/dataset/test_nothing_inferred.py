"""Months that differ in what is hidden alone are the same files, to the byte; also beside the month that follows."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from contracts.events.cases import CaseChange, CaseOpened, CaseRejected, CaseReopened, CasesMerged, CaseTakenUp
from contracts.events.public import ReportImported
from contracts.statuses import Status
from operations.dataset.months import Month
from support.operations.months import KINDS, NOVEMBER, OCTOBER, lives, owner, written
from support.public_map.public_lives import DAY, imported

Lives = Sequence[Iterable[CaseChange | ReportImported]]
BUSY = [list(life) for number in (1, 2, 3) for life in lives(12, by=owner(number), first=1000 * number)]


def two_months(folder: Path, told: Lives) -> list[dict[str, bytes]]:
    return [written(folder / str(month), told, month) for month in (OCTOBER, NOVEMBER)]


@pytest.mark.parametrize(
    ("category", "kinds"),
    [
        ("parking", (CaseOpened, CaseRejected)),
        ("parking", (CaseOpened, CasesMerged)),
        ("drug-use", (CaseOpened, CaseTakenUp)),
        ("dangerous-venue", (CaseOpened,)),
    ],
    ids=lambda value: value if isinstance(value, str) else value[-1].__name__,
)
def test_nine_hidden_reports_of_a_unit_are_as_none(tmp_path: Path, category: str, kinds: KINDS) -> None:
    # Beside a unit that has as many of them as may be told, so that totals, rests and units could be subtracted.
    beside = [*BUSY, *lives(15, kinds, category=category, by=owner(1), first=5000)]
    made = []
    for number in (0, 1, 9):
        hidden = [*lives(number, kinds, category=category, by=owner(4), first=6000)]
        (folder := tmp_path / str(number)).mkdir()
        # It is a unit that is known by another report.
        made.append(two_months(folder, [*beside, *lives(1, (CaseOpened,), by=owner(4), first=7000), *hidden]))
    assert made[0] == made[1] == made[2]
    assert b"," + category.encode() + b"," in made[0][0]["counts.csv"]


def test_nine_imported_reports_that_are_hidden_are_as_none(tmp_path: Path) -> None:
    beside = [*BUSY, *lives(1, (CaseOpened,), by=owner(4), first=7000)]
    made = []
    for count in (0, 1, 9):
        hidden = [
            [imported(number, OCTOBER.begins + 3 * DAY, category, status=Status.REJECTED, owner=owner(4))]
            for number in range(8000, 8000 + count)
            for category in (("parking", "drug-use")[number % 2],)
        ]
        (folder := tmp_path / str(count)).mkdir()
        made.append(two_months(folder, [*beside, *hidden]))
    assert made[0] == made[1] == made[2]


def test_a_month_does_not_change_with_what_is_imported_after_it(tmp_path: Path) -> None:
    sent = OCTOBER.begins + 3 * DAY
    now = imported(8000, sent)
    later = [[imported(number, sent, imported_at=NOVEMBER.begins + DAY)] for number in range(8001, 8013)]
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    october, november = two_months(before, [[now]]), two_months(after, [[now], *later])
    assert october[0] == november[0]
    assert october[0]["reports.csv"].count(b",true\r\n") == 1
    assert november[1]["reports.csv"].count(b",true\r\n") == 13


def test_ten_to_nineteen_are_one_number(tmp_path: Path) -> None:
    made = []
    for number in (10, 19, 20):
        (folder := tmp_path / str(number)).mkdir()
        made.append(two_months(folder, [*lives(number)]))
    assert made[0] == made[1] != made[2]


def test_who_sees_some_come_back_next_month_learns_no_exact_rest(tmp_path: Path) -> None:
    """Nine of them are opened again in November: of October's number the rest could be anything from 1 to 10."""
    made = []
    for rest in (1, 2, 10):
        returning = [[*life, again(life)] for life in lives(9)]
        (folder := tmp_path / str(rest)).mkdir()
        made.append(two_months(folder, [*returning, *lives(rest, first=500)]))
    assert made[0] == made[1] == made[2]
    assert made[0][1]["reports.csv"].count(b"\r\n") == 1 + 9


def again(life: Sequence[CaseChange]) -> CaseChange:
    last = life[-1]
    return CaseReopened(
        **{name: getattr(last, name) for name in CaseChange.__struct_fields__ if name not in ("version", "changed_at")}
        | {"status": "verification"},
        version=last.version + 1,
        changed_at=NOVEMBER.begins.replace(day=3),
    )


def test_a_garrison_is_told_only_without_the_units_that_are_told(tmp_path: Path) -> None:
    told = [list(life) for number, count in ((1, 30), (2, 5), (3, 6), (4, 0)) for life in
            lives(count, by=owner(number), first=1000 * number)]  # fmt: skip
    known = [
        list(life) for number in (1, 2, 3, 4) for life in lives(1, (CaseOpened,), by=owner(number), first=9000 + number)
    ]
    counts = written(tmp_path / "made", [*told, *known])["counts.csv"].decode().splitlines()
    rejected = [line for line in counts if ",rejected," in line]
    assert rejected == [
        "2026-10,unit,OPO,KPP-OPO-1,Komenda OPO 1,parking,rejected,0,30",
        "2026-10,garrison,OPO,,,parking,rejected,0,10",
    ]


def test_months_count_each_report_once(tmp_path: Path) -> None:
    told = [*lives(25), *lives(35, month=NOVEMBER, first=700)]
    made = two_months(tmp_path, told)
    numbers = [files["counts.csv"].decode().splitlines()[1].rpartition(",")[2] for files in made]
    assert numbers == ["20", "30"]
    assert Month(2026, 12) > NOVEMBER
