"""How a new set differs from the current one, in words and km2 (EPSG:2180)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely
from contracts.events.districts import District, Level
from shapely.geometry.base import BaseGeometry

from boundaries.areas import geo
from boundaries.importing.checking import NOTED_KM2, shapes_in_metres


@dataclass(frozen=True)
class Differences:
    """Leaves added, removed, and moved (code → km2 gained, km2 lost); units the same way."""

    added: list[str]
    removed: list[str]
    moved: dict[str, tuple[float, float]]
    units_moved: dict[str, tuple[float, float]]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.moved or self.units_moved)

    @property
    def moved_km2(self) -> float:
        """Ground that changes from one leaf that stays to another district."""
        return sum(lost for _, lost in self.moved.values())


def differences(current: Sequence[District], proposed: Sequence[District]) -> Differences:
    """What changes from one set of a garrison to another, in km2."""
    before, after = shapes_in_metres(current), shapes_in_metres(proposed)
    return Differences(
        added=sorted(after.keys() - before.keys()),
        removed=sorted(before.keys() - after.keys()),
        moved=_moved(before, after),
        units_moved=_moved(by_unit(current, before), by_unit(proposed, after)),
    )


def _moved(before: Mapping[str, BaseGeometry], after: Mapping[str, BaseGeometry]) -> dict[str, tuple[float, float]]:
    moved = {}
    for code in sorted(before.keys() & after.keys()):
        if shapely.equals_exact(before[code], after[code], tolerance=0):
            continue
        gained = shapely.difference(after[code], before[code]).area / 1e6
        lost = shapely.difference(before[code], after[code]).area / 1e6
        if max(gained, lost) > NOTED_KM2:
            moved[code] = (gained, lost)
    return moved


def by_unit(districts: Sequence[District], leaves: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """Unit code → all its leaves as one shape."""
    parents = {d.code: d.parent for d in districts}
    levels = {d.code: d.level for d in districts}
    groups: dict[str, list[BaseGeometry]] = {}
    for code, shape in leaves.items():
        unit: str | None = code
        while unit is not None and levels.get(unit) is not Level.UNIT:
            unit = parents.get(unit)
        if unit is not None:
            groups.setdefault(unit, []).append(shape)
    return {code: geo.union(shapes) for code, shapes in groups.items()}


def described(garrison: str, found: Differences, limit: int = 20) -> list[str]:
    """Lines for a person; long lists are cut."""
    if not found:
        return [f"{garrison}: nothing changes"]
    lines = [
        f"{garrison}: {len(found.added)} districts added, {len(found.removed)} removed, "
        f"{len(found.moved)} moved ({found.moved_km2:.2f} km2)"
    ]
    for sign, codes in (("+", found.added), ("-", found.removed)):
        lines += [f"  {sign} {code}" for code in codes[:limit]]
        if len(codes) > limit:
            lines.append(f"  {sign} and {len(codes) - limit} more")
    for label, moved in (("", found.moved), ("unit ", found.units_moved)):
        ordered = sorted(moved.items(), key=lambda item: -sum(item[1]))
        lines += [f"  ~ {label}{code}: +{won:.2f} km2, -{lost:.2f} km2" for code, (won, lost) in ordered[:limit]]
        if len(moved) > limit:
            lines.append(f"  ~ and {len(moved) - limit} more")
    return lines
