"""The default sets, current before any region has sent its own: each gmina, or district of Warsaw, stands in for beats.

`default_districts` is a garrison as it is published: the garrison and its units without geometry, below them leaves of
level `area` with geometry in WGS 84 degrees.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from chassis import clock
from chassis.settings import Settings
from contracts.events.districts import District, DistrictSet, Level
from shapely.geometry.base import BaseGeometry

from boundaries import published
from boundaries.areas import administrative, geo, units, warsaw


def default_districts(garrison: str, version: str) -> list[District]:
    """Every district of the garrison's default set, the garrison first."""
    return [*garrison_and_units(garrison, version), *_gmina_areas(garrison, version), *_warsaw_areas(garrison, version)]


def garrison_and_units(garrison: str, version: str) -> list[District]:
    """The garrison and its units, without geometry: the part of a set that no file changes."""
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
        for gmina in administrative.gminas().values()
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
    gminas = administrative.gminas().values()
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
        for gmina in administrative.gminas().values()
        if (garrison == "KSP" if gmina.teryt == warsaw.WARSAW else answering[gmina.teryt[:4]].garrison == garrison)
    )


def seed_missing(topic: published.DistrictTopic, version: str, at: datetime) -> list[DistrictSet]:
    """Publish the default set of every garrison that has no current one; gives those sets. Raises TopicError."""
    current = published.read_published(topic).current()
    missing = [garrison for garrison in units.garrisons() if garrison not in current]
    return [
        published.publish_set(topic, default_districts(garrison, version), at, valid_from=at) for garrison in missing
    ]


def seed_cluster(settings: Settings) -> int:
    """Publish the default set of every garrison that has none on a cluster; gives how many had none.

    Raises TopicError when the topic can't be read or written.
    """
    at = clock.now()
    topic = published.KafkaDistrictTopic(settings)
    return len(seed_missing(topic, published.new_version(at), at))
