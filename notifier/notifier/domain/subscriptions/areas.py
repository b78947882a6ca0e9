"""What a subscription is of: a unit, or a box on the map; and what is known of one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.base import POLAND
from contracts.statuses import Language

Box = tuple[float, float, float, float]
"""West, south, east, north in WGS 84 degrees."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_DECIMALS = 4  # some ten metres: nobody needs to say more exactly where they live


@dataclass(frozen=True, slots=True)
class Area:
    """One of both."""

    unit: str | None = None
    box: Box | None = None

    @property
    def asked(self) -> dict[str, str]:
        """As the map's addresses have it."""
        if self.unit is not None:
            return {"unit": self.unit}
        return {"bbox": ",".join(f"{degrees:g}" for degrees in self.box or ())}


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is told of what, with the address sealed. Not confirmed, it is a question yet to be answered."""

    id: UUID
    sealed: str
    language: Language
    area: Area
    asked_at: datetime
    confirmed_at: datetime | None
    told_until: datetime | None


def read_area(asked: Mapping[str, str]) -> Area:
    """The area that `unit` or `bbox` names. Raises ValueError where neither or both do, or one outside Poland."""
    unit, box = asked.get("unit", ""), asked.get("bbox", "")
    if bool(unit) == bool(box):
        raise ValueError("give either unit or bbox")
    if unit:
        if not _CODE.fullmatch(unit):
            raise ValueError("unit: no code of a unit")
        return Area(unit=unit)
    west, south, east, north = (round(float(part), _DECIMALS) for part in box.split(","))
    if not (POLAND[0] <= west < east <= POLAND[2] and POLAND[1] <= south < north <= POLAND[3]):
        raise ValueError("bbox: west,south,east,north in degrees, within Poland")
    return Area(box=(west, south, east, north))
