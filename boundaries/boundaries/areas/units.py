"""The police units: headquarters, 17 garrisons, 336 county and city units, Warsaw's seven, and their powiats.

The table is the project's own. Which unit answers for which powiat is data there, not code: units come and go.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from boundaries.areas import DATA

HEADQUARTERS = "KGP"


@dataclass(frozen=True)
class Unit:
    """One unit. `kind` is KGP, KWP, KSP (garrisons), KPP, KMP or KRP (units); `powiats` those it answers for."""

    code: str
    kind: str
    name: str
    short_name: str
    garrison: str
    powiats: tuple[str, ...]


@cache
def units() -> dict[str, Unit]:
    """Every unit by code, in the order of the table: headquarters, garrisons, then units by garrison."""
    with (DATA / "units.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["code"]: Unit(
            code=row["code"],
            kind=row["kind"],
            name=row["name"],
            short_name=row["short_name"],
            garrison=row["garrison"],
            powiats=tuple(row["powiats"].split()),
        )
        for row in rows
    }


def garrisons() -> dict[str, Unit]:
    """The 17 garrisons by code."""
    return {code: unit for code, unit in units().items() if unit.kind in ("KWP", "KSP")}


def units_of(garrison: str) -> list[Unit]:
    """The units of a garrison, without the garrison itself."""
    return [unit for unit in units().values() if unit.garrison == garrison and unit.powiats]


@cache
def unit_of_powiat() -> dict[str, Unit]:
    """Powiat code → the one unit that answers for it; Warsaw (1465) is not there, its seven KRP share it."""
    answering = [unit for unit in units().values() if unit.kind in ("KPP", "KMP")]
    return {powiat: unit for unit in answering for powiat in unit.powiats}


def unknown_garrisons(codes: Iterable[str]) -> list[str]:
    """Those of the codes that name no garrison."""
    return sorted(set(codes) - set(garrisons()))
