"""Features of a file + the current set → the whole new set of each garrison they touch.

A file replaces everything below the units it speaks of, and leaves the rest of the garrison as it is: a region can
send all its beats, those of one unit, or a national layer of gminas of which `garrison` keeps one region's part.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from contracts.events.districts import District, Level

from boundaries import seed
from boundaries.areas import geo, units, warsaw
from boundaries.importing.reading import Feature

# What `--level` may say. Gminas and powiats are no level of the police: they stand in for beats as areas.
LEVELS = ("beat", "station", "area", "gmina", "powiat")

# A gmina's code is followed by its kind where the register writes it: town, country, both, the two parts of both,
# and Warsaw's districts or other cities' offices.
TERYT = {"gmina": re.compile(r"\d{6}[1234589]?"), "powiat": re.compile(r"\d{4}")}
TERYT_FORMS = {"gmina": "six digits, or seven with its kind", "powiat": "four digits"}


@dataclass
class Proposal:
    """A garrison's new set before it is checked: its districts, which of them come from the file, what is wrong."""

    garrison: str
    districts: list[District]
    imported: frozenset[str]
    faults: list[str] = field(default_factory=list)


def proposals(
    features: Sequence[Feature],
    level: str,
    current: Mapping[str, Sequence[District]],
    version: str,
    only: str | None = None,
) -> tuple[list[Proposal], list[str]]:
    """One proposal per garrison the file touches, and the faults that belong to no garrison.

    `current` holds the districts of each garrison's current set; a garrison without one starts from its default set.
    """
    stations = {d.code: d for districts in current.values() for d in districts if d.level is Level.STATION}
    placed, faults = _place(features, level, stations, version)
    if only is not None:
        strangers = [d for d in placed if d.garrison != only]
        placed = [d for d in placed if d.garrison == only]
        if level not in ("gmina", "powiat"):
            faults += [f"{d.code}: belongs to {d.garrison}, not to {only}" for d in strangers]
        if not placed and not faults:
            faults.append(f"the file holds nothing of {only}")
    proposed = []
    for garrison in sorted({d.garrison for d in placed}):
        mine = [d for d in placed if d.garrison == garrison]
        base = current.get(garrison) or seed.default_districts(garrison, version)
        proposed.append(_merge(garrison, mine, base, version))
    return proposed, faults


def _place(
    features: Sequence[Feature], level: str, stations: Mapping[str, District], version: str
) -> tuple[list[District], list[str]]:
    """Each feature as a district below the unit or station that answers for it."""
    faults = _length_faults([f.code for f in features if (f.level or level) == "gmina"])
    placed: list[District] = []
    own_stations = {f.code: f for f in features if (f.level or level) == "station"}
    for feature in features:
        wanted = feature.level or level
        if wanted not in LEVELS:
            faults.append(f"{feature.code}: level {wanted!r} is none of {', '.join(LEVELS)}")
        elif wanted in TERYT and not TERYT[wanted].fullmatch(feature.code):
            faults.append(f"{feature.code}: no TERYT code of a {wanted} ({TERYT_FORMS[wanted]}); leading zeros count")
        elif wanted in ("gmina", "powiat") and feature.code[:4] == "1465" and feature.code[:6] in ("1465", "146501"):
            if feature.geometry is None:
                faults.append(f"{feature.code}: has no geometry")
            else:
                placed += seed.warsaw_areas(warsaw.divide(feature.geometry), version)
        else:
            parent = _parent(feature, wanted)
            unit = _unit_above(parent, own_stations, stations)
            if wanted == "station" and parent not in units.units():
                faults.append(f"{feature.code}: a station belongs to a unit, {parent or 'nothing'} is none")
            elif unit is None:
                faults.append(_no_parent(feature, wanted, parent))
            else:
                placed.append(_district(feature, wanted, parent, unit, version))
    return placed, faults


def _length_faults(codes: Sequence[str]) -> list[str]:
    """A register writes all its codes in one way; where they differ, a spreadsheet has dropped leading zeros."""
    if len({len(code) for code in codes}) < 2:
        return []
    odd = min(codes, key=lambda code: sum(len(other) == len(code) for other in codes))
    return [f"{odd}: {len(odd)} digits, codes of other gminas in the file have more or fewer: was a leading zero lost?"]


def _parent(feature: Feature, level: str) -> str:
    """The code above: what the feature says, else the unit its TERYT code belongs to."""
    if feature.parent and level not in ("gmina", "powiat"):
        return feature.parent
    krp = {row["code"]: row["unit"] for row in warsaw.centres()}
    if feature.code[:6] in krp:
        return krp[feature.code[:6]]
    unit = units.unit_of_powiat().get(feature.code[:4])
    return unit.code if unit and feature.code[:4].isdigit() else ""


def _unit_above(parent: str, own: Mapping[str, Feature], stations: Mapping[str, District]) -> units.Unit | None:
    """The unit at or above a parent code; stations of the file count before those of the current set."""
    if parent in own:
        parent = own[parent].parent or ""
    elif parent in stations:
        parent = stations[parent].parent or ""
    unit = units.units().get(parent)
    return unit if unit is not None and unit.powiats else None


def _no_parent(feature: Feature, level: str, parent: str) -> str:
    if level in ("gmina", "powiat"):
        return f"{feature.code}: no TERYT code of a known powiat"
    if not parent:
        return f"{feature.code}: does not say which unit or station it belongs to (property parent)"
    return f"{feature.code}: parent {parent} is no unit and no station of the file or the current set"


def _district(feature: Feature, level: str, parent: str, unit: units.Unit, version: str) -> District:
    digits = {"gmina": 6, "powiat": 4}.get(level)
    code = feature.code[:digits]
    return District(
        garrison=unit.garrison,
        version=version,
        code=code,
        level=Level.AREA if digits else Level(level),
        name=feature.name,
        short_name=feature.short_name,
        parent=parent,
        teryt=code if digits or (level == "area" and code.isdigit()) else None,
        geometry=None if feature.geometry is None else geo.as_geojson(feature.geometry),
        approximate=feature.approximate,
    )


def _merge(garrison: str, imported: Sequence[District], base: Iterable[District], version: str) -> Proposal:
    """The garrison and its units from the table, what is below units the file is silent about, and the file."""
    faults = [f"{code}: stands in the file {count} times" for code, count in _repeated(imported)]
    below = [d for d in base if d.level not in (Level.GARRISON, Level.UNIT)]
    station_unit = {d.code: d.parent for d in [*below, *imported] if d.level is Level.STATION}
    spoken_of = {station_unit.get(d.parent, d.parent) for d in imported if d.parent is not None}
    kept = [d for d in below if station_unit.get(d.parent or "", d.parent) not in spoken_of]
    # Stations of a unit whose beats are sent anew stay, as long as the file names them as parents.
    own = {d.code for d in imported}
    wanted = {d.parent for d in imported} - own
    stations = [d for d in below if d.level is Level.STATION and d.code in wanted]
    taken = {d.code for d in [*seed.garrison_and_units(garrison, version), *kept]}
    faults += [f"{code}: the code is taken by another district of {garrison}" for code in sorted(own & taken)]
    everything = [*seed.garrison_and_units(garrison, version), *kept, *stations, *imported]
    above = {d.parent for d in everything}
    districts = [
        msgspec.structs.replace(d, version=version, geometry=None if d.code in above else d.geometry)
        for d in everything
    ]
    return Proposal(garrison, districts, frozenset(own), faults)


def _repeated(districts: Iterable[District]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for district in districts:
        counts[district.code] = counts.get(district.code, 0) + 1
    return [(code, count) for code, count in counts.items() if count > 1]
