"""How many reports were sent in a month, by unit, category and what had become of them: shown, and not shown."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.policy.categories import category
from contracts.statuses import Status

from operations.dataset.contents.disclosure import Area, told
from operations.dataset.contents.snapshot import Standing
from operations.dataset.months import Month

MERGED = "merged"
"""What becomes of a report that another one takes over, beside the statuses."""

_Kind = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sums:
    """What the command says of a dataset: exact for shown ones, for the others what is told of them."""

    shown: int
    not_shown_at_least: int


class Tally:
    """Counts reports one after the other."""

    def __init__(self, month: Month) -> None:
        self._month = month
        self._names: dict[Area, tuple[int, str]] = {}
        self._shown: dict[_Kind, Counter[Area]] = {}
        self._hidden: dict[_Kind, Counter[Area]] = {}

    def add(self, report: Standing) -> None:
        """Count a report, if it was sent in the month; know its unit in any case."""
        case = report.case
        area = Area(case.owner.garrison, case.owner.unit)
        # The name last used: whichever order reports come in, the same.
        named = (int(case.changed_at.timestamp() * 1e6), case.owner.unit_name)
        self._names[area] = max(self._names.get(area, named), named)
        if not self._month.holds(case.submitted_at) or category(case.category) is None:
            return
        kind = (case.category, MERGED if report.merged else case.status.value)
        counted = self._shown if report.shown else self._hidden
        counted.setdefault(kind, Counter())[area] += 1

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of the table in its order."""
        for code, status in sorted({*self._shown, *self._hidden}, key=_order):
            shown = self._shown.get((code, status), Counter[Area]())
            hidden = told(self._hidden.get((code, status), {}), self._names)
            for area in sorted(
                {*shown, *hidden}, key=lambda area: (not area.garrison, area.garrison, not area.unit, area.unit)
            ):
                yield {
                    "month": str(self._month),
                    "level": area.level,
                    "garrison": area.garrison or None,
                    "unit": area.unit or None,
                    "unit_name": self._names[area][1] if area.unit else None,
                    "category": code,
                    "status": status,
                    "shown": shown[area],
                    "not_shown": hidden.get(area),
                }


def sums(rows: list[dict[str, Any]]) -> Sums:
    """The rows added up."""
    return Sums(sum(row["shown"] for row in rows), sum(row["not_shown"] or 0 for row in rows))


def _order(kind: _Kind) -> tuple[str, int]:
    statuses = [*(status.value for status in Status), MERGED]
    return kind[0], statuses.index(kind[1])
