"""The ground every event stands on: a frozen record with checked fields, decoded and encoded as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.values.checking import DUE, VISIBLE
from contracts.values.texts import CODE_POINTS, LINE_PATTERN, TEXT_PATTERN

# Reports are placed inside this box; exact containment in Poland is routing's affair.
POLAND = (14.0, 49.0, 24.2, 55.0)
"""West, south, east, north of a box round Poland with its sea edge, WGS 84 degrees."""

TEXT_MAX = 500
"""Characters of a citizen's text, as people count them."""

Longitude = Annotated[float, Meta(ge=-180, le=180, description="WGS 84, degrees east")]
Latitude = Annotated[float, Meta(ge=-90, le=90, description="WGS 84, degrees north")]
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339 with zone, from 2000 to 2099")]
DueInstant = Annotated[datetime, Meta(tz=True, description="RFC 3339 with zone, from 2000 to 2199", extra=DUE)]
# Columns of four bytes hold them.
Version = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Metres = Annotated[float, Meta(ge=0, le=1e8, description="metres")]
Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", description="a short code, no spaces")]
Text = Annotated[str, Meta(max_length=TEXT_MAX * CODE_POINTS, pattern=TEXT_PATTERN)]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=LINE_PATTERN, extra=VISIBLE)]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact in the past tense. Fields it does not know are ignored, so contracts can grow."""

    @property
    def key(self) -> str:
        """The key of the event on its topic: the report's id, save where an event says otherwise."""
        return str(self.report_id)  # type: ignore[attr-defined]  # every event that lacks it overrides key


class ReportEvent(Event, frozen=True, kw_only=True):
    """A fact about one report."""

    report_id: UUID


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for a place: the police unit, down to the beat where one is known.

    `district` is the code of the leaf district the place lies in (a beat, or the area that stands in for one).
    """

    garrison: Code
    unit: Code
    unit_name: Name
    station: Code | None = None
    beat: Code | None = None
    district: Code | None = None


HEADQUARTERS = Owner(garrison="KGP", unit="KGP", unit_name="Komenda Główna Policji")
"""Answers for whatever nobody else is known to answer for."""
