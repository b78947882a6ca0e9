"""The running set before any region has sent its own: each gmina, or district of Warsaw, stands in for beats.

`default_districts` is a garrison as it is published: the garrison and its units without geometry, below them leaves of
level `area` with geometry in WGS 84 degrees.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cache

from contracts.districts import District, Level
from shapely.geometry.base import BaseGeometry

from boundaries import areas, geo, units, warsaw


def default_districts(garrison: str, version: str) -> list[District]:
    """Every district of the garrison's default set, the garrison first."""
    return [*command(garrison, version), *_gmina_areas(garrison, version), *_warsaw_areas(garrison, version)]


def command(garrison: str, version: str) -> list[District]:
    """The garrison and its units: the part of a set that has no geometry."""
    head = units.garrisons()[garrison]
    top = District(
        garrison=garrison,
        version=version,
        code=garrison,
        level=Level.GARRISON,
        name=head.name,
        short_name=head.short_name,
    )
    below = [
        District(
            garrison=garrison,
            version=version,
            code=unit.code,
            level=Level.UNIT,
            name=unit.name,
            short_name=unit.short_name,
            parent=garrison,
            teryt=unit.powiats[0],
        )
        for unit in units.units_of(garrison)
    ]
    return [top, *below]


def _gmina_areas(garrison: str, version: str) -> list[District]:
    answering = units.unit_of_powiat()
    mine = [
        gmina
        for gmina in areas.gminas().values()
        if gmina.teryt != warsaw.WARSAW and answering[gmina.teryt[:4]].garrison == garrison
    ]
    return [
        District(
            garrison=garrison,
            version=version,
            code=gmina.teryt,
            level=Level.AREA,
            name=_names()[gmina.teryt],
            parent=answering[gmina.teryt[:4]].code,
            teryt=gmina.teryt,
            geometry=geo.as_geojson(gmina.geometry),
        )
        for gmina in mine
    ]


@cache
def _names() -> dict[str, str]:
    """Names to show: a rural gmina that shares its name with a town of its powiat says what it is."""
    gminas = areas.gminas().values()
    alike = Counter((gmina.teryt[:4], gmina.name) for gmina in gminas)
    return {
        gmina.teryt: f"gmina wiejska {gmina.name}"
        if gmina.kind == "wiejska" and alike[gmina.teryt[:4], gmina.name] > 1
        else gmina.name
        for gmina in gminas
    }


def _warsaw_areas(garrison: str, version: str) -> list[District]:
    if garrison != "KSP":
        return []
    return warsaw_areas(warsaw.districts(), version)


def warsaw_areas(districts: Sequence[warsaw.CityDistrict], version: str) -> list[District]:
    """Warsaw's districts as leaves, marked approximate."""
    return [
        District(
            garrison="KSP",
            version=version,
            code=district.teryt,
            level=Level.AREA,
            name=district.name,
            parent=district.unit,
            teryt=district.teryt,
            geometry=geo.as_geojson(district.geometry),
            approximate=True,
        )
        for district in districts
    ]


def outline(garrison: str) -> BaseGeometry:
    """The land a garrison answers for by the built gminas, WGS 84 degrees."""
    answering = units.unit_of_powiat()
    return geo.union(
        gmina.geometry
        for gmina in areas.gminas().values()
        if (garrison == "KSP" if gmina.teryt == warsaw.WARSAW else answering[gmina.teryt[:4]].garrison == garrison)
    )
