"""How reports stood when a month ended, and which of them everyone could see: by the rules public-map has itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.events.cases import CasesMerged
from contracts.events.public import PublicReport, ReportImported
from contracts.policy.categories import category
from contracts.policy.visibility import window
from public_map.domain.precision import State, precision_after, public_report


@dataclass(frozen=True, slots=True)
class Standing:
    """A report at the instant: its case as it was, whether another one had taken it over, and what everyone saw of it.

    Of a report whose case was opened later, the case as it was opened; nobody saw it yet. Of an imported one what the
    other system had said of it.
    """

    case: State
    merged: bool
    shown: PublicReport | None


class Standings:
    """Takes changes of cases, and imports, in any order, each as often as it comes; tells how reports stood."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._known: dict[UUID, _Known] = {}

    def add(self, change: State) -> None:
        """Take a change, also one from after the instant: it may hide more than was hidden then, never less."""
        known = self._known.get(change.report_id)
        if known is None:
            known = self._known[change.report_id] = _Known(first=change, newest=change)
        known.precision_m = precision_after(known.precision_m, change)
        known.first = min(known.first, change, key=_version)
        known.newest = max(known.newest, change, key=_version)
        if _known_at(change) < self._at:
            known.merged |= isinstance(change, CasesMerged)
            known.then = change if known.then is None else max(known.then, change, key=_version)

    def told(self) -> Iterator[Standing]:
        """Each report, in the order of their ids; not those that turned out to be of a category nobody may see.

        Left out altogether, as they would otherwise be counted as hidden: whoever has an older copy could subtract.
        So is what was imported later: a month that was published does not change with it.
        """
        for _, known in sorted(self._known.items()):
            case = known.then or known.first
            if _never_public(known.newest) and not _never_public(case):
                continue
            if known.then is None and isinstance(case, ReportImported):
                continue
            yield Standing(case, known.merged, self._shown(known))

    def _shown(self, known: "_Known") -> PublicReport | None:
        case = known.then
        if case is None or known.merged:
            return None
        visible = window(case.category, case.status, case.changed_at)
        return public_report(case, known.precision_m) if visible and visible.open_at(self._at) else None


@dataclass(slots=True)
class _Known:
    first: State
    newest: State
    then: State | None = None
    merged: bool = False
    precision_m: int = 0


def _version(change: State) -> int:
    return change.version


def _known_at(change: State) -> datetime:
    """Since when it was so here, whenever it was so elsewhere."""
    return change.imported_at if isinstance(change, ReportImported) else change.changed_at


def _never_public(change: State) -> bool:
    known = category(change.category)
    return known is None or known.public == "never"
