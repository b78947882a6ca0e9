"""Rosters: to whom a desk's urgent messages go, and when.

A desk is a unit, a garrison (whose code stands twice) or headquarters: whoever has somebody on duty.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.base import Code, DueInstant, Event, Instant, Version

_CODE = "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
DESK_KEY = f"{_CODE}/{_CODE}"
"""The pattern of a key on the topic of rosters: a desk's garrison and its unit."""

Address = Annotated[
    str, Meta(max_length=254, pattern=r"^[!-?A-~]+@[A-Za-z0-9.-]+$", description="an officer's at work")
]


class DutyTime(msgspec.Struct, frozen=True, kw_only=True):
    """From when until when urgent messages go to an address."""

    starts_at: Instant
    ends_at: DueInstant
    email: Address


class RosterChanged(Event, frozen=True, kw_only=True):
    """A desk's roster as it is from now on: `times` in their order, none over another; deputies stand in already.

    In what lies between them messages go by the desk's own channels. `version` rises with each change of the desk's
    roster, whichever instance answers for it: of two the higher one holds. Nobody is named: readers need an address and
    nothing else.
    """

    garrison: Code
    unit: Code
    version: Version
    changed_at: Instant
    times: tuple[DutyTime, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.garrison}/{self.unit}"
