"""Is a proposed set fit to publish? Faults refuse it, notes only tell.

Areas in m2 and km2, measured in EPSG:2180; a set is checked as a whole, since readers take it as a whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import msgspec
import numpy as np
import shapely
from contracts.events.districts import District, Level
from contracts.topics import DISTRICT
from shapely.geometry.base import BaseGeometry

from boundaries import seed
from boundaries.areas import administrative, geo
from boundaries.importing.merging import Proposal

# Two neighbours rounded to a decimetre overlap by a sliver; a real mistake is larger.
TOLERANCE_M2 = 1_000.0

# The outline we know was simplified; real borders of the country differ from it by up to some hundred metres.
BORDER_SLACK_M = 2_000.0

# The register counts lagoons and sea edge to some gminas; the built outline is land. Rough, by hand, degrees.
SEA = (
    [(14.2, 53.9), (14.2, 54.1), (15.2, 54.4), (16.0, 54.6), (16.7, 54.8), (17.5, 55.0), (18.5, 55.0), (19.3, 54.7)]
    + [(19.65, 54.46), (19.3, 54.3), (18.6, 54.3), (18.2, 54.7), (16.5, 54.4), (15.5, 54.1), (14.5, 53.9)],
    [(14.2, 53.93), (14.2, 53.87), (14.26, 53.7), (14.6, 53.6), (14.75, 53.85), (14.4, 53.95)],
    [(19.2, 54.35), (19.65, 54.47), (19.81, 54.45), (19.85, 54.35), (19.4, 54.2), (19.2, 54.25)],
)

# What a message carries beside its value: key, headers, the batch round it.
HEADROOM_BYTES = 64 * 1024
MAX_BYTES = int(DISTRICT.settings["max.message.bytes"]) - HEADROOM_BYTES

NOTED_KM2 = 0.01

Leaves = dict[str, BaseGeometry]
"""Leaf code → shape in EPSG:2180."""


@dataclass(frozen=True)
class Verdict:
    """What the checks found: any fault refuses the set."""

    faults: list[str]
    notes: list[str]


def verdict(
    proposal: Proposal,
    current: Sequence[District],
    others: Mapping[str, Leaves],
    tolerance_m2: float = TOLERANCE_M2,
) -> Verdict:
    """Every fault of a proposed set at once, and what a person should look at before it is published.

    `others` are the leaves of the other garrisons as they will be.
    """
    leaves = shapes_in_metres(proposal.districts)
    faults = [
        *proposal.faults,
        *_structure(proposal.districts),
        *_contract_faults(proposal.districts),
        *_sizes(proposal.districts),
        *_outside(leaves, proposal.imported, tolerance_m2),
        *_overlaps(leaves, tolerance_m2),
    ]
    if faults:
        return Verdict(faults, [])
    notes = [
        *_gaps(proposal.garrison, leaves, current, others, tolerance_m2),
        *_claimed_elsewhere(proposal.garrison, leaves, others),
    ]
    return Verdict(faults, notes)


def shapes_in_metres(districts: Sequence[District]) -> Leaves:
    """Leaf code → shape in EPSG:2180."""
    leaves = [(d.code, geo.from_geojson(d.geometry)) for d in districts if d.geometry is not None]
    moved = geo.to_metres(shape for _, shape in leaves)
    return {code: shape for (code, _), shape in zip(leaves, moved, strict=True)}


def _structure(districts: Sequence[District]) -> list[str]:
    """Parents exist, leaves have geometry, no unit is left without a district."""
    codes = {d.code: d for d in districts}
    above = {d.parent for d in districts}
    faults = []
    for district in districts:
        if district.level is Level.GARRISON:
            continue
        if district.parent not in codes:
            faults.append(f"{district.code}: parent {district.parent} does not exist")
        if district.code not in above and district.geometry is None:
            what = "unit has no district left" if district.level is Level.UNIT else "has no geometry"
            faults.append(f"{district.code}: {what}")
    return faults


def _contract_faults(districts: Sequence[District]) -> list[str]:
    """What readers would refuse: nothing is said that our own contracts don't take."""
    faults = []
    for district in districts:
        try:
            read = msgspec.json.decode(msgspec.json.encode(district), type=District)
        except (msgspec.DecodeError, ValueError) as wrong:
            faults.append(f"{district.code!r}: its {wrong}")
        else:
            faults += [] if read == district else [f"{district.code}: is read as another than it is written"]
    return faults


def _sizes(districts: Sequence[District]) -> list[str]:
    faults = []
    for district in districts:
        size = len(msgspec.json.encode(district))
        if size > MAX_BYTES:
            faults.append(f"{district.code}: {size:,} bytes, a message holds {MAX_BYTES:,}: simplify its border")
    return faults


@cache
def _country() -> BaseGeometry:
    """Poland with its sea edge and some slack, in metres."""
    land = geo.to_metres(area.geometry for area in administrative.voivodeships().values())
    sea = geo.to_metres(shapely.Polygon(ring) for ring in SEA)
    country = geo.union([shapely.buffer(geo.union(land), BORDER_SLACK_M, quad_segs=4), *sea])
    shapely.prepare(country)
    return country


def _outside(leaves: Leaves, imported: frozenset[str], tolerance_m2: float) -> list[str]:
    faults = []
    for code in sorted(imported & leaves.keys()):
        if not _country().covers(leaves[code]):
            outside = shapely.difference(leaves[code], _country()).area
            if outside > tolerance_m2:
                faults.append(f"{code}: {outside / 1e6:.3f} km2 of it lie outside Poland")
    return faults


def _overlaps(leaves: Leaves, tolerance_m2: float) -> list[str]:
    """Pairs that claim the same ground, the largest first."""
    codes = list(leaves)
    shapes = np.array(list(leaves.values()), dtype=object)
    if len(shapes) < 2:
        return []
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    wrong = [(m2, codes[a], codes[b]) for a, b, m2 in zip(first, second, shared, strict=True) if m2 > tolerance_m2]
    return [f"{a} and {b}: overlap by {m2 / 1e6:.4f} km2 ({m2:,.0f} m2)" for m2, a, b in sorted(wrong, reverse=True)]


def _gaps(
    garrison: str,
    leaves: Leaves,
    current: Sequence[District],
    others: Mapping[str, Leaves],
    tolerance_m2: float,
) -> list[str]:
    """Ground that the current set (or, before any, the built outline) covers and nobody will any more."""
    before = shapes_in_metres(current)
    land = geo.union(before.values()) if before else geo.to_metres([seed.outline(garrison)])[0]
    missing = shapely.difference(land, geo.union(leaves.values()))
    missing = geo.polygonal(shapely.difference(missing, geo.union(_touching(missing, others.values()))))
    pieces = [part for part in getattr(missing, "geoms", [missing]) if part.area > tolerance_m2]
    if not pieces:
        return []
    largest = max(pieces, key=lambda part: part.area)
    where = geo.to_degrees([largest.representative_point()])[0]
    total = sum(part.area for part in pieces) / 1e6
    return [
        f"{garrison}: {len(pieces)} gaps, {total:.3f} km2 that no district covers any more; "
        f"the largest {largest.area / 1e6:.3f} km2 at {where.x:.5f} {where.y:.5f}"
    ]


def _claimed_elsewhere(garrison: str, leaves: Leaves, others: Mapping[str, Leaves]) -> list[str]:
    """Ground that other garrisons claim too: a note, since one region can't mend it alone."""
    mine = geo.union(leaves.values())
    notes = []
    for other, theirs in sorted(others.items()):
        touching = np.array(_touching(mine, [theirs]), dtype=object)
        shared = float(np.sum(shapely.area(shapely.intersection(touching, mine)))) / 1e6
        if shared > NOTED_KM2:
            notes.append(f"{garrison}: {shared:.2f} km2 are claimed by {other} too")
    return notes


def _touching(shape: BaseGeometry, groups: Iterable[Leaves]) -> list[BaseGeometry]:
    shapely.prepare(shape)
    return [leaf for leaves in groups for leaf in leaves.values() if shape.intersects(leaf)]
