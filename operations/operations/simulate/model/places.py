"""Where things are reported: near people, or anywhere in the land, always inside the garrison that is meant.

Towns, villages and gminas are the project's own boundary data; positions are WGS 84 degrees.
"""

import math
import random
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate

import shapely
from boundaries.areas import administrative, units
from boundaries.areas.places import NamedPlace, list_places
from shapely.geometry.base import BaseGeometry

IN_THE_LAND = frozenset({"poaching", "illegal-felling", "forest-quads", "grass-burning", "wild-animals"})
"""Categories of fields and forests: any piece of land is as likely, wherever people live."""
METRES_PER_DEGREE = 111_320.0
_TRIES = 30


@dataclass
class _Ground:
    """A garrison's places and gminas, with the sums by which one of them is drawn."""

    places: list[NamedPlace] = field(default_factory=list)
    gminas: list[str] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    areas: list[float] = field(default_factory=list)


class Places:
    """Draws positions. Reading the country takes a second or two."""

    def __init__(self) -> None:
        self._grounds = _grounds()
        self._outlines = {code: area.geometry for code, area in administrative.gminas().items()}
        shapely.prepare(list(self._outlines.values()))

    @property
    def people(self) -> dict[str, int]:
        """How many people live in each garrison; a weight, not a census."""
        return {code: ground.people[-1] for code, ground in self._grounds.items()}

    def draw(self, chance: random.Random, garrison: str, category: str) -> tuple[float, float]:
        """Longitude and latitude of something of a category in a garrison."""
        ground = self._grounds[garrison]
        if category in IN_THE_LAND:
            return self._anywhere(chance, chance.choices(ground.gminas, cum_weights=ground.areas)[0])
        place = chance.choices(ground.places, cum_weights=ground.people)[0]
        # A village has some hundred metres, a city of half a million some kilometres.
        spread = 150 + 6 * math.sqrt(place.people)
        return self._near(chance, place.longitude, place.latitude, spread, place.gmina)

    def near(self, chance: random.Random, longitude: float, latitude: float, metres: float) -> tuple[float, float]:
        """Somewhere within so many metres, in the same gmina as the given position."""
        gmina = self.gmina_of(longitude, latitude)
        for _ in range(_TRIES):
            distance, angle = metres * math.sqrt(chance.random()) * 0.98, chance.uniform(0, math.tau)
            found = _moved(longitude, latitude, distance * math.cos(angle), distance * math.sin(angle))
            if self._outlines[gmina].contains(shapely.Point(found)):
                return found
        return longitude, latitude

    def around(self, chance: random.Random, longitude: float, latitude: float) -> tuple[float, float]:
        """Somewhere in the same gmina, some kilometres about."""
        return self._near(chance, longitude, latitude, 1_500, self.gmina_of(longitude, latitude))

    def gmina_of(self, longitude: float, latitude: float) -> str:
        """The code of the gmina a position that was drawn lies in. Raises LookupError for one in none."""
        codes, tree = _index()
        found = tree.query(shapely.Point(longitude, latitude), predicate="within")
        if not len(found):
            raise LookupError(f"{longitude}, {latitude} lies in no gmina")
        return codes[int(found[0])]

    def _near(
        self, chance: random.Random, longitude: float, latitude: float, spread: float, gmina: str
    ) -> tuple[float, float]:
        for _ in range(_TRIES):
            found = _moved(longitude, latitude, chance.gauss(0, spread), chance.gauss(0, spread))
            if self._outlines[gmina].contains(shapely.Point(found)):
                return found
        return self._anywhere(chance, gmina)

    def _anywhere(self, chance: random.Random, gmina: str) -> tuple[float, float]:
        outline = self._outlines[gmina]
        west, south, east, north = outline.bounds
        for _ in range(10 * _TRIES):
            found = round(chance.uniform(west, east), 6), round(chance.uniform(south, north), 6)
            if outline.contains(shapely.Point(found)):
                return found
        inside = outline.representative_point()
        return inside.x, inside.y


def garrison_of_powiat() -> dict[str, str]:
    """The garrison of each powiat, Warsaw among them."""
    return {powiat: unit.garrison for unit in units.units().values() for powiat in unit.powiats if unit.kind != "KSP"}


@cache
def _grounds() -> dict[str, _Ground]:
    garrisons = garrison_of_powiat()
    grounds: dict[str, _Ground] = defaultdict(_Ground)
    for place in list_places():
        grounds[garrisons[place.powiat]].places.append(place)
    for code in administrative.gminas():
        grounds[garrisons[code[:4]]].gminas.append(code)
    for ground in grounds.values():
        ground.people = list(accumulate(place.people for place in ground.places))
        ground.areas = list(accumulate(_area(administrative.gminas()[code].geometry) for code in ground.gminas))
    return dict(sorted(grounds.items()))


def _area(outline: BaseGeometry) -> float:
    """Square degrees made comparable between north and south."""
    return float(outline.area * math.cos(math.radians(outline.centroid.y)))


@cache
def _index() -> tuple[list[str], shapely.STRtree]:
    areas = administrative.gminas()
    return [*areas], shapely.STRtree([area.geometry for area in areas.values()])


def _moved(longitude: float, latitude: float, east_m: float, north_m: float) -> tuple[float, float]:
    degree_m = METRES_PER_DEGREE * math.cos(math.radians(latitude))
    return round(longitude + east_m / degree_m, 6), round(latitude + north_m / METRES_PER_DEGREE, 6)
