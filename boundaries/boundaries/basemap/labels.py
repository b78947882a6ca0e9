"""Names on the map: countries, voivodeships and powiats at their middle, and every town and village with its rank.

Ranks, and so the zoom a place appears at: 1 seats of garrisons and cities of 200,000, 2 of 60,000, 3 seats of powiats,
4 other towns, 5 villages that give a gmina its name, 6 all others and the neighbourhoods of Warsaw.
"""

from functools import cache

import shapely

from boundaries.areas import administrative, places, units, warsaw
from boundaries.basemap.tiling import Feature, mercator

FIRST_ZOOM = {1: 4, 2: 6, 3: 7, 4: 8, 5: 9, 6: 10}
VOIVODESHIPS_AT = range(6, 9)
POWIATS_AT = range(8, 11)
LARGE, MIDDLING, NEIGHBOURHOOD = 200_000, 60_000, 5_000

# Where a name stands (degrees) and what the languages of the pages call it.
ABROAD = (
    ("sea", 18.2, 55.55, {"pl": "Morze Bałtyckie", "en": "Baltic Sea", "uk": "Балтійське море", "de": "Ostsee",
                          "cs": "Baltské moře"}),
    ("country", 12.6, 51.9, {"pl": "Niemcy", "en": "Germany", "uk": "Німеччина", "de": "Deutschland", "cs": "Německo"}),
    ("country", 15.6, 49.75, {"pl": "Czechy", "en": "Czechia", "uk": "Чехія", "de": "Tschechien", "cs": "Česko"}),
    ("country", 19.6, 48.75, {"pl": "Słowacja", "en": "Slovakia", "uk": "Словаччина", "de": "Slowakei",
                              "cs": "Slovensko"}),
    ("country", 25.4, 50.2, {"pl": "Ukraina", "en": "Ukraine", "uk": "Україна", "de": "Ukraine", "cs": "Ukrajina"}),
    ("country", 25.3, 53.2, {"pl": "Białoruś", "en": "Belarus", "uk": "Білорусь", "de": "Belarus", "cs": "Bělorusko"}),
    ("country", 24.0, 55.2, {"pl": "Litwa", "en": "Lithuania", "uk": "Литва", "de": "Litauen", "cs": "Litva"}),
    ("country", 21.3, 54.75, {"pl": "Rosja", "en": "Russia", "uk": "Росія", "de": "Russland", "cs": "Rusko"}),
)  # fmt: skip


def areas(zoom: int) -> list[Feature]:
    """Names of the sea and the neighbours, of voivodeships and powiats, where a zoom has room for them."""
    found = [
        Feature(
            mercator(shapely.Point(longitude, latitude)),
            {"kind": kind, "name": names["pl"], **{f"name_{language}": name for language, name in names.items()}},
        )
        for kind, longitude, latitude, names in ABROAD
    ]
    if zoom in VOIVODESHIPS_AT:
        found += _inside("voivodeship", administrative.voivodeships())
    if zoom in POWIATS_AT:
        found += _inside("powiat", administrative.powiats())
    return found


def _inside(kind: str, level: dict[str, administrative.Area]) -> list[Feature]:
    """One name well inside each area; cities that are powiats have their own name there already."""
    return [
        Feature(mercator(shapely.point_on_surface(area.geometry)), {"kind": kind, "name": area.name})
        for code, area in level.items()
        if kind != "powiat" or int(code[2:]) < 61
    ]


def towns(zoom: int) -> list[Feature]:
    """The towns and villages a zoom shows, the largest first, so that its name wins the room."""
    return [feature for feature in _ranked() if zoom >= FIRST_ZOOM[feature.properties["rank"]]]


@cache
def _ranked() -> list[Feature]:
    found = [
        _place(place.name, place.longitude, place.latitude, _rank(place), place.people)
        for place in places.list_places()
    ]
    for row in warsaw.centres():
        found.append(_place(row["place"], float(row["longitude"]), float(row["latitude"]), 6, NEIGHBOURHOOD))
    return sorted(found, key=lambda feature: (feature.properties["rank"], -feature.properties["people"]))


def _rank(place: places.NamedPlace) -> int:
    if place.kind != "city":
        return 5 if administrative.gminas()[place.gmina].name == place.name else 6
    if place.people >= LARGE or place.name in _garrison_seats():
        return 1
    if place.people >= MIDDLING:
        return 2
    unit = units.unit_of_powiat().get(place.powiat)
    return 3 if unit and _seat(unit) == place.name else 4


@cache
def _garrison_seats() -> frozenset[str]:
    return frozenset(_seat(unit) for unit in units.garrisons().values())


def _seat(unit: units.Unit) -> str:
    """The town in a unit's short name: KPP Nowy Targ → Nowy Targ."""
    return unit.short_name.partition(" ")[2]


def _place(name: str, longitude: float, latitude: float, rank: int, people: int) -> Feature:
    # Two digits are enough to say which of two names is drawn, and compress better.
    digits = 10 ** max(0, len(str(people)) - 2)
    properties = {"name": name, "rank": rank, "people": people // digits * digits}
    return Feature(mercator(shapely.Point(longitude, latitude)), properties)
