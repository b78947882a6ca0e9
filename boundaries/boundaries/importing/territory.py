"""Does a proposed set contradict what is known, or take ground away? Refused, unless the operator says it is meant.

Known are: the built gminas and powiats by their TERYT codes, a garrison's current districts by theirs, and the ground
each unit answers for now. Areas in m2 and km2, measured in EPSG:2180.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely
from contracts.events.districts import District, Level
from shapely.geometry.base import BaseGeometry

from boundaries.areas import administrative, geo, warsaw
from boundaries.importing.differences import by_unit
from boundaries.importing.merging import Proposal

# Two drawings of one border run up to some hundred metres apart: of ground lost, only what is wider than this counts.
WIDTH_M = 300.0

# What is smaller is shown as a note, with the other gaps.
LOSS_KM2 = 0.1

# Of a district and the ground its code is known to have, the smaller one has to lie in the other by this share.
SHARED = 0.5

NAMED = 8

Leaves = Mapping[str, BaseGeometry]
"""Leaf code → shape in EPSG:2180."""


def moved_faults(proposal: Proposal, leaves: Leaves, base: Sequence[District], before: Leaves) -> list[str]:
    """Districts of the file that lie elsewhere than their code, or their unit, is known to.

    `leaves` are the proposed ones; `base` the districts the garrison has now, and `before` their shapes.
    """
    units, names = by_unit(base, before), {district.code: district for district in proposal.districts}
    faults = []
    for code in sorted(proposal.imported & leaves.keys()):
        shape, district = leaves[code], names[code]
        unit = _unit(names, code)
        for what, known in (
            (f"where {code} is known to lie", _known(district, before)),
            (f"on the ground of {unit}", units.get(unit or "")),
        ):
            if known is None or (share := _shared(shape, known)) >= SHARED:
                continue
            metres = shapely.distance(shapely.centroid(shape), shapely.centroid(known))
            faults.append(
                f"{code} ({district.name}): {share:.0%} of it lies {what}, {metres / 1000:.1f} km away from centre "
                "to centre: a wrong code, zone or file? (--allow-moves if it is meant)"
            )
            break
    return faults


def _known(district: District, before: Leaves) -> BaseGeometry | None:
    """Where the code was before; else, for a TERYT code, where it is by the built areas."""
    if district.code in before:
        return before[district.code]
    code = district.teryt or ""
    city = {area.teryt: area.geometry for area in warsaw.districts()} if code.startswith(warsaw.WARSAW[:4]) else {}
    gmina, powiat = administrative.gminas().get(code), administrative.powiats().get(code[:4])
    area = gmina or powiat
    known = city.get(code) or (area.geometry if area else None)
    return None if known is None else geo.to_metres([known])[0]


def _shared(one: BaseGeometry, other: BaseGeometry) -> float:
    """How much of the smaller lies in the larger, 0 to 1."""
    smaller = min(one.area, other.area)
    return float(shapely.intersection(one, other).area / smaller) if smaller else 0.0


def _unit(districts: Mapping[str, District], code: str | None) -> str | None:
    while code is not None and code in districts and districts[code].level is not Level.UNIT:
        code = districts[code].parent
    return code


def loss_faults(
    proposal: Proposal, leaves: Leaves, base: Sequence[District], before: Leaves, others: Mapping[str, Leaves]
) -> list[str]:
    """Ground that units of this garrison, and other garrisons, would lose, with its km2 and what is left out.

    `others` are the leaves of the other garrisons as they will be.
    """
    after = by_unit(proposal.districts, dict(leaves))
    covered = geo.union([*after.values(), *_touching(geo.union(before.values()), others)])
    faults = []
    for unit, ground in by_unit(base, dict(before)).items():
        lost = _wide(shapely.difference(ground, after.get(unit, shapely.Polygon())))
        if lost.is_empty:
            continue
        nobody = shapely.difference(lost, covered).area / 1e6
        left_out = sorted(code for code in before.keys() - leaves.keys() if _shared(before[code], lost) >= SHARED)
        faults.append(
            f"{unit}: would lose {lost.area / 1e6:,.1f} km2 of its {ground.area / 1e6:,.1f}, "
            f"{nobody:,.1f} km2 to nobody{_listed(left_out)} (--allow-losses if it is meant)"
        )
    return faults + list(_taken(proposal, leaves, others))


def _taken(proposal: Proposal, leaves: Leaves, others: Mapping[str, Leaves]) -> Iterator[str]:
    mine = geo.union(leaves[code] for code in proposal.imported & leaves.keys())
    for garrison, theirs in sorted(others.items()):
        shared = _wide(shapely.intersection(mine, geo.union(_touching(mine, {garrison: theirs}))))
        if not shared.is_empty:
            codes = sorted(code for code, shape in theirs.items() if shapely.intersection(shape, shared).area > 0)
            yield (
                f"{garrison}: {shared.area / 1e6:,.1f} km2 of its ground would be claimed by {proposal.garrison} too"
                f"{_listed(codes, 'of')} (--allow-losses if it is meant)"
            )


def _listed(codes: Sequence[str], word: str = "left out:") -> str:
    if not codes:
        return ""
    more = f" and {len(codes) - NAMED} more" if len(codes) > NAMED else ""
    return f"; {word} {', '.join(codes[:NAMED])}{more}"


def _wide(shape: BaseGeometry) -> BaseGeometry:
    """The parts of an area that hold ground wider than two drawings of one border run apart; each part whole."""
    parts = shapely.get_parts(geo.polygonal(shape))
    cores = shapely.buffer(parts, -WIDTH_M / 2, quad_segs=2)
    ground = shapely.area(shapely.buffer(cores, WIDTH_M / 2, quad_segs=2))
    return geo.union(parts[ground / 1e6 >= LOSS_KM2])


def _touching(shape: BaseGeometry, groups: Mapping[str, Leaves]) -> list[BaseGeometry]:
    leaves = np.array([leaf for leaves in groups.values() for leaf in leaves.values()], dtype=object)
    if not len(leaves):
        return []
    return list(leaves[shapely.STRtree(leaves).query(shape, predicate="intersects")])
