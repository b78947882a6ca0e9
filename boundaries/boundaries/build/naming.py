"""Which polygon is which gmina: OpenStreetMap's polygons carry no codes, so the places inside them say who they are.

PRNG knows the gmina and powiat of each place, MeteoAlarm the powiats' codes, Eurostat's LAU list the gminas' codes.
What they spell differently is set right here, by hand and one by one.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from boundaries.build.sources import LauRow, PrngPlace

VOIVODESHIPS = {
    "02": "dolnośląskie",
    "04": "kujawsko-pomorskie",
    "06": "lubelskie",
    "08": "lubuskie",
    "10": "łódzkie",
    "12": "małopolskie",
    "14": "mazowieckie",
    "16": "opolskie",
    "18": "podkarpackie",
    "20": "podlaskie",
    "22": "pomorskie",
    "24": "śląskie",
    "26": "świętokrzyskie",
    "28": "warmińsko-mazurskie",
    "30": "wielkopolskie",
    "32": "zachodniopomorskie",
}

# Names in force where the sources have older or shorter ones.
POWIAT_RENAMED = {"0206": "karkonoski"}
GMINA_RENAMED = {"221208": "Redzikowo", "260207": "Słupia (Jędrzejowska)", "260417": "Nowiny", "281205": "Bratian"}

# PRNG writes some gminas otherwise than the LAU list: (powiat code, PRNG's name, PRNG's kind) → LAU's code.
PRNG_GMINAS = {
    ("0417", "Wąbrzeźno", "wiejska"): "041705",
    ("2602", "Słupia (Jędrzejowska)", "wiejska"): "260207",
    ("2605", "Słupia (Konecka)", "wiejska"): "260506",
    ("3006", "Żerków-obszar wiejski w gminie miejsko-wiejskiej", ""): "300604",
    ("3214", "Stargard Szczeciński", "miejska"): "321401",
    ("3214", "Stargard Szczeciński", "wiejska"): "321410",
}

# Abolished on 1 January 2019; its villages went to two neighbours of the same powiat (drawski).
OSTROWICE = "320304"
DRAWSKO_POMORSKIE, ZLOCIENIEC = "320303", "320306"
OSTROWICE_TO_DRAWSKO = {"Borne", "Dołgie", "Donatowo", "Grzybno", "Jelenino", "Ostrowice", "Przytoń"}


class NamingError(Exception):
    """The sources do not fit together any more."""


def powiat_codes(names: dict[str, str]) -> dict[tuple[str, str], str]:
    """(voivodeship, powiat) as PRNG names them → TERYT code of four digits. Powiat names repeat across the country."""
    current = {**names, **POWIAT_RENAMED}
    return {(VOIVODESHIPS[code[:2]], name): code for code, name in current.items()}


def gmina_codes(
    places: Sequence[PrngPlace], lau: Sequence[LauRow], powiats: dict[tuple[str, str], str]
) -> tuple[list[str], dict[str, str]]:
    """TERYT code of six digits for each place, and the kind of each gmina (miejska, wiejska, miejsko-wiejska)."""
    by_name: dict[tuple[str, str], list[str]] = {}
    for row in sorted(lau, key=lambda row: row.teryt):
        by_name.setdefault((row.teryt[:4], row.name), []).append(row.teryt)
    codes: list[str] = []
    kinds: dict[str, str] = {}
    for place in places:
        powiat = powiats[place.voivodeship, place.powiat]
        code = PRNG_GMINAS.get((powiat, place.gmina, place.gmina_kind))
        if code is None:
            found = by_name.get((powiat, place.gmina), [])
            if not found or len(found) > 2:
                raise NamingError(f"no code for gmina {place.gmina} ({place.gmina_kind}) in powiat {powiat}")
            # A town and the rural gmina round it may share a name; TERYT numbers the towns of a powiat first.
            code = found[0] if place.gmina_kind == "miejska" else found[-1]
        codes.append(code)
        kinds[code] = place.gmina_kind or "miejsko-wiejska"
    return codes, kinds


def shapes_by_gmina(
    shapes: Sequence[tuple[str, BaseGeometry]], places: Sequence[PrngPlace], codes: Sequence[str]
) -> dict[str, BaseGeometry]:
    """TERYT code of six digits → polygon. Each polygon takes the gmina most places inside it belong to.

    In a tie (a small town with one village's point inside) the place that has the polygon's own name decides.
    """
    tree = shapely.STRtree([polygon for _, polygon in shapes])
    points = shapely.points([(place.longitude, place.latitude) for place in places])
    votes: list[Counter[str]] = [Counter() for _ in shapes]
    for point, polygon in np.transpose(tree.query(points, predicate="intersects")):
        named_alike = places[point].name == shapes[polygon][0] and places[point].kind == "city"
        votes[polygon][codes[point]] += 2 + named_alike
    named: dict[str, BaseGeometry] = {}
    for (name, polygon), vote in zip(shapes, votes, strict=True):
        if not vote:
            raise NamingError(f"no place lies in the polygon {name}")
        code = vote.most_common(1)[0][0]
        if code in named:
            raise NamingError(f"two polygons for gmina {code}, one of them {name}")
        named[code] = polygon
    return named


def divide_ostrowice(named: dict[str, BaseGeometry], places: Sequence[PrngPlace], codes: Sequence[str]) -> None:
    """Gives the abolished gmina to its two heirs: each piece of it to the heir whose village is nearest."""
    polygon = named.pop(OSTROWICE)
    villages = [place for place, code in zip(places, codes, strict=True) if code == OSTROWICE]
    points = shapely.points([(place.longitude, place.latitude) for place in villages])
    cells = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=polygon, ordered=True)
    for place, cell in zip(villages, cells.geoms, strict=True):
        heir = heir_of(place)
        named[heir] = named[heir].union(cell.intersection(polygon))


def heir_of(village: PrngPlace) -> str:
    """The gmina a village of Ostrowice belongs to today."""
    return DRAWSKO_POMORSKIE if village.name in OSTROWICE_TO_DRAWSKO else ZLOCIENIEC
