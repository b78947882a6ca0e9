"""Builds the country's areas from published packages: 2,477 gminas, 380 powiats, 16 voivodeships and named places.

Reads what `sources` fetches, writes gzipped GeoJSON in WGS 84 degrees and a table of places. The polygons come
simplified one by one, so they overlap and gape; they are made one clean coverage in EPSG:2180 before anything else.
"""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from boundaries.areas import geo
from boundaries.areas.administrative import Area
from boundaries.build import naming, sources

EXPECTED = {"gminas": 2477, "powiats": 380, "voivodeships": 16}

# Everything enclosed is filled: the widest gap between the simplified polygons is a lake of some 10 km.
GAP_WIDTH_M = 20_000.0


def build_gminas(
    places: Sequence[sources.PrngPlace], codes: Sequence[str], kinds: dict[str, str], folder: Path
) -> list[Area]:
    """The gminas of today as one coverage, sorted by code."""
    named = naming.shapes_by_gmina(sources.read_gmina_shapes(folder), places, codes)
    naming.divide_ostrowice(named, places, codes)
    order = sorted(named)
    cleaned = geo.cover(list(geo.to_metres(named[code] for code in order)), gap_width=GAP_WIDTH_M)
    shapes = geo.rounded(geo.to_degrees(cleaned))
    rows = {row.teryt: row for row in sources.read_lau(folder)}
    heirs = Counter(
        naming.heir_of(place) for place, code in zip(places, codes, strict=True) if code == naming.OSTROWICE
    )
    gone = rows[naming.OSTROWICE].population
    return [
        Area(
            teryt=code,
            name=naming.GMINA_RENAMED.get(code, rows[code].name),
            population=rows[code].population + gone * heirs[code] // heirs.total(),
            geometry=shape,
            kind=kinds[code],
        )
        for code, shape in zip(order, shapes, strict=True)
    ]


def dissolve(gminas: Sequence[Area], digits: int, names: dict[str, str]) -> list[Area]:
    """Areas of the level above, which the first `digits` of the code name."""
    groups: dict[str, list[Area]] = {}
    for gmina in gminas:
        groups.setdefault(gmina.teryt[:digits], []).append(gmina)
    return [
        Area(code, names[code], sum(gmina.population for gmina in group), _union(group))
        for code, group in sorted(groups.items())
    ]


def _union(group: Sequence[Area]) -> BaseGeometry:
    return shapely.coverage_union_all([gmina.geometry for gmina in group])


def check(level: str, areas: Sequence[Area]) -> None:
    """Stops the build when the result is not a coverage of as many valid areas as there must be."""
    shapes = [area.geometry for area in areas]
    faults = []
    if len(areas) != EXPECTED[level]:
        faults.append(f"{len(areas)} areas instead of {EXPECTED[level]}")
    faults += [
        f"{area.teryt} {area.name}: {shapely.is_valid_reason(area.geometry)}"
        for area in areas
        if not area.geometry.is_valid
    ]
    if not shapely.coverage_is_valid(shapes):
        faults.append("the areas overlap or do not share their edges")
    whole = shapely.coverage_union_all(shapes)
    holes = sum(len(part.interiors) for part in getattr(whole, "geoms", [whole]))
    if holes:
        faults.append(f"{holes} holes in the country")
    if faults:
        raise sources.SourceError(f"{level}: " + "; ".join(faults))


def write_areas(path: Path, areas: Sequence[Area]) -> None:
    """One level as GeoJSON; `kind` stands on gminas only."""
    rows = []
    for area in areas:
        properties: dict[str, object] = {"teryt": area.teryt, "name": area.name, "population": area.population}
        if area.kind:
            properties["kind"] = area.kind
        rows.append((properties, area.geometry))
    geo.write_features(path, rows)


def write_places(path: Path, places: Sequence[sources.PrngPlace], codes: Sequence[str], gminas: Sequence[Area]) -> None:
    """name,kind,longitude,latitude,powiat,gmina,people: a gmina's people shared among its places.

    A town in a mixed gmina takes half of them (about the country's average), the rest is spread evenly: a weight for
    tests and load, no census.
    """
    current = [naming.heir_of(p) if c == naming.OSTROWICE else c for p, c in zip(places, codes, strict=True)]
    towns = Counter(code for place, code in zip(places, current, strict=True) if place.kind == "city")
    villages = Counter(code for place, code in zip(places, current, strict=True) if place.kind != "city")
    people = {gmina.teryt: gmina.population for gmina in gminas}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["name", "kind", "longitude", "latitude", "powiat", "gmina", "people"])
    for place, code in sorted(
        zip(places, current, strict=True), key=lambda row: (row[1], row[0].name, row[0].longitude)
    ):
        mixed = towns[code] and villages[code]
        share = people[code] / 2 if mixed else people[code]
        count = towns[code] if place.kind == "city" else villages[code]
        position = (f"{place.longitude:.4f}", f"{place.latitude:.4f}")
        writer.writerow([place.name, place.kind, *position, code[:4], code, max(1, round(share / count))])
    geo.write_gzip(path, out.getvalue().encode())


def build(packages: Path, out: Path) -> None:
    """Write all levels and the places to `out`, from packages fetched to `packages`; nothing when a check fails.

    Raises SourceError and NamingError when the packages are not what they were.
    """
    names = {**sources.read_powiat_names(packages), **naming.POWIAT_RENAMED}
    places = sources.read_prng(packages)
    codes, kinds = naming.gmina_codes(places, sources.read_lau(packages), naming.powiat_codes(names))
    gminas = build_gminas(places, codes, kinds, packages)
    levels = {
        "gminas": gminas,
        "powiats": dissolve(gminas, 4, names),
        "voivodeships": dissolve(gminas, 2, naming.VOIVODESHIPS),
    }
    for level, areas in levels.items():
        check(level, areas)
    out.mkdir(parents=True, exist_ok=True)
    for level, areas in levels.items():
        write_areas(out / f"{level}.geojson.gz", areas)
    write_places(out / "places.csv.gz", places, codes, gminas)
