"""How an export of the map that runs since 2016 calls things, and what they are here: one table."""

from collections.abc import Mapping

from contracts.policy.categories import catalogues
from contracts.statuses import LABELS, Status

_FORMER = {
    "bezdomność": "homeless-person",
    "dzikie kąpieliska": "dangerous-water",
    "miejsca grupowania się małoletnich zagrożonych demoralizacją": "minors-at-risk",
    "miejsca niebezpieczne na terenach wodnych": "dangerous-water",
    "utonięcia": "dangerous-water",
}
"""Types of before 2022, by what became of them: their reports keep the category they come closest to."""

TYPES: Mapping[str, str] = _FORMER | {
    " ".join(category.names.pl.casefold().split()): category.code
    for catalogue in catalogues()
    for category in catalogue.category
}
"""`Typ` in small letters → category."""

STATUSES: Mapping[str, Status] = {LABELS[status]["pl"].casefold(): status for status in Status}
"""`Status` in small letters → status."""


def folded(name: str) -> str:
    """A name as the tables have it, however it is written."""
    return " ".join(name.casefold().split())
