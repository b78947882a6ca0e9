"""The agencies a confirmed threat can be handed to: a table, read by whoever needs it at start.

An agency of the table has a pair of topics of its own, named by its code (`contracts.topics`).
"""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.base import Name
from contracts.topics import AGENCY_CODE

AgencyCode = Annotated[str, Meta(pattern=f"^{AGENCY_CODE}$", description="part of the names of the agency's topics")]


class Agency(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An agency: its code, for ever, and its name as people read it."""

    code: AgencyCode
    name: Name


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    agency: tuple[Agency, ...]


def read_agencies(path: Path) -> dict[str, Agency]:
    """The agencies of a table by code, in its order: TOML, an `[[agency]]` with `code` and `name` for each.

    Raises OSError, and ValueError that says what is wrong: TOML's and msgspec's errors are ValueErrors.
    """
    table = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _Table)
    doubled = [code for code, number in Counter(agency.code for agency in table.agency).items() if number > 1]
    if doubled:
        raise ValueError(f"{doubled[0]} stands there more than once")
    return {agency.code: agency for agency in table.agency}
