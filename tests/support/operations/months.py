"""A month of made-up reports of several units, for datasets."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from contracts.base import Event, Owner
from contracts.events.cases import CaseChange, CaseOpened, CaseRejected
from contracts.events.public import ReportImported
from operations.dataset.making import contents, writer
from operations.dataset.months import Month
from support.public_map.public_lives import Life

OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)
URL = "https://mapa.example.org/data"
KINDS = Sequence[type[CaseChange]]


def owner(number: int, garrison: str = "OPO") -> Owner:
    """One of a garrison's units."""
    return Owner(garrison=garrison, unit=f"KPP-{garrison}-{number}", unit_name=f"Komenda {garrison} {number}")


def lives(
    count: int,
    kinds: KINDS = (CaseOpened, CaseRejected),
    *,
    by: Owner | None = None,
    category: str = "parking",
    month: Month = OCTOBER,
    first: int = 1,
) -> Iterator[list[CaseChange]]:
    """So many reports of the month that end alike, the later ones later, a minute from change to change."""
    for number in range(first, first + count):
        life = Life(number, month.begins + timedelta(hours=number % 600), category)
        yield [belonging(life.change(kind), by or owner(1)) for kind in kinds]


def belonging(change: CaseChange, by: Owner) -> CaseChange:
    """The change under another unit."""
    return msgspec.structs.replace(change, owner=by)


def cases(events: Iterable[Event]) -> list[CaseChange]:
    """Those of casework."""
    return [event for event in events if isinstance(event, CaseChange)]


def written(
    folder: Path, told: Iterable[Iterable[CaseChange | ReportImported]], month: Month = OCTOBER
) -> dict[str, bytes]:
    """The files of a dataset, without Parquet."""
    folder.mkdir()
    writer(contents(month, told), f"{URL}/{month}", parquet=False)(folder)
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def ended_before(now: datetime) -> Month:
    """The last month but one, or the one before that: over for some days in any case."""
    at = now - timedelta(days=35)
    return Month(at.year, at.month)
