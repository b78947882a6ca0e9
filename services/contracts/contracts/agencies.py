"""The agencies a confirmed threat can be handed to: who they are, what and where they handle, how they are reached.

Data, thousands of them: one message each on the compacted topic `agency`. Readers keep them as `Agencies`.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from contracts.base import Code, Event, Instant, Name
from contracts.topic import AGENCY_CODE
from contracts.values.checking import check_values

AgencyCode = Annotated[str, Meta(pattern=f"^{AGENCY_CODE}$", description="part of the names of the agency's topics")]
AreaCode = Annotated[
    str, Meta(pattern="^[0-9]{2}([0-9]{2}([0-9]{2})?)?$", description="TERYT: a voivodeship, powiat or gmina")
]


class AgencyChannel(StrEnum):
    """How threats are handed to an agency."""

    TOPIC = "topic"  # a pair of topics of its own
    WEBHOOK = "webhook"
    EMAIL = "email"
    LETTER = "letter"


class AgencyState(StrEnum):
    """Whether threats are handed to an agency. One that was removed keeps its code and name for ever."""

    ACTIVE = "active"
    REMOVED = "removed"


class Agency(Event, frozen=True, kw_only=True):
    """An agency as it is now; the newest message of its code counts.

    `categories` are the kinds of threat it handles and `areas` where, by TERYT codes: none means all of them, and the
    whole country. `contact` is the address of its channel, or whom to call. `acknowledge_days`: within how many it
    has agreed to say that it has a referral, where that is not as the national terms have it.
    """

    code: AgencyCode
    name: Name
    categories: tuple[Code, ...] = ()
    areas: tuple[AreaCode, ...] = ()
    channel: AgencyChannel = AgencyChannel.TOPIC
    contact: Name | None = None
    acknowledge_days: Annotated[int, Meta(ge=1, le=90)] | None = None
    state: AgencyState = AgencyState.ACTIVE
    changed_at: Instant

    @property
    def key(self) -> str:
        return self.code

    @property
    def active(self) -> bool:
        """Whether threats can be handed to it."""
        return self.state is AgencyState.ACTIVE

    def handles(self, category: str) -> bool:
        """Whether this kind of threat is one of its."""
        return not self.categories or category in self.categories

    def nearness(self, teryt: str | None) -> int | None:
        """How much of the code of a place is its area: the more, the more local; None where it lies outside."""
        if not self.areas:
            return 0
        return max((len(area) for area in self.areas if teryt is not None and teryt.startswith(area)), default=None)


class Agencies(Mapping[str, Agency]):
    """The agencies threats can be handed to, by code, as their topic tells of them. One thread writes, others read."""

    def __init__(self, known: Iterable[Agency] = ()) -> None:
        self._known = {agency.code: agency for agency in known}

    def apply(self, code: str, event: Event | None) -> None:
        """Take in one message: an agency as it is now, or the tombstone of one."""
        if isinstance(event, Agency):
            self._known[code] = event
        elif event is None:
            self._known.pop(code, None)

    def __getitem__(self, code: str) -> Agency:
        agency = self._known[code]
        if not agency.active:
            raise KeyError(code)
        return agency

    def __iter__(self) -> Iterator[str]:
        return iter([agency.code for agency in self.all() if agency.active])

    def __len__(self) -> int:
        return sum(agency.active for agency in self.all())

    def all(self) -> list[Agency]:
        """Every agency there is or was."""
        return list(self._known.values())

    def find(self, code: str) -> Agency | None:
        """An agency, also one that was removed; None for a code that none ever had."""
        return self._known.get(code)

    def name(self, code: str) -> str:
        """What an agency is called, also one that was removed; the code itself where none ever had it."""
        agency = self._known.get(code)
        return agency.name if agency else code

    def named(self, words: str) -> Agency | None:
        """The agency whose code or name these words are, in whatever capitals; None where that is none, or several."""
        meant = _plain(words)
        found = [agency for agency in self.values() if meant in (_plain(agency.code), _plain(agency.name))]
        return found[0] if len(found) == 1 else None

    def proposed(self, category: str, teryt: str | None) -> list[Agency]:
        """Who handles this kind of threat at a place with this TERYT code: first whom it concerns most closely.

        The more local first, of those who name the kind before those who take all.
        """
        fitting = [
            (-nearness, not agency.categories, agency.code, agency)
            for agency in self.values()
            if agency.handles(category) and (nearness := agency.nearness(teryt)) is not None
        ]
        return [agency for *_, agency in sorted(fitting, key=lambda fit: fit[:3])]


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())


FIELDS = tuple(name for name in Agency.__struct_fields__ if name not in ("state", "changed_at"))
"""What a table says of an agency."""


def read_agencies(path: Path, at: datetime) -> dict[str, Agency]:
    """The agencies of a table by code, in its order: TOML, an `[[agency]]` with the fields of `Agency` for each.

    Raises OSError, and ValueError that says what is wrong: TOML's and msgspec's errors are ValueErrors.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    if unknown := sorted(set(table) - {"agency"}):
        raise ValueError(f"{unknown[0]} is no part of a table of agencies: write [[agency]]")
    rows = table.get("agency", [])
    if not isinstance(rows, list) or not rows:
        raise ValueError("there is no [[agency]]")
    return as_agencies(rows, at)


def as_agencies(rows: Iterable[Any], at: datetime) -> dict[str, Agency]:
    """Agencies by code from the rows of a table, each a mapping of `FIELDS`.

    Raises ValueError that names the row and what is wrong with it.
    """
    agencies = [_agency(number, row, at) for number, row in enumerate(rows, start=1)]
    doubled = [code for code, number in Counter(agency.code for agency in agencies).items() if number > 1]
    if doubled:
        raise ValueError(f"{doubled[0]} stands there more than once")
    return {agency.code: agency for agency in agencies}


def _agency(number: int, row: Any, at: datetime) -> Agency:
    where = f"agency {number}"
    if not isinstance(row, Mapping):
        raise ValueError(f"{where} is no table")
    where += f" ({row['code']})" if isinstance(row.get("code"), str) else ""
    if unknown := sorted(set(row) - set(FIELDS)):
        raise ValueError(f"{where}: {unknown[0]} is no field; there are {', '.join(FIELDS)}")
    try:
        agency = msgspec.convert({**row, "changed_at": at}, Agency)
        check_values(agency)
    except msgspec.ValidationError as wrong:
        raise ValueError(f"{where}: {wrong}") from wrong
    return agency
