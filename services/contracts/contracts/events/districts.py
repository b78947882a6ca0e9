"""Districts: who answers for which piece of the country, versioned per garrison; when a set of them is valid.

A set of districts is valid only as a whole: `DistrictSet` comes last and names how many districts the version has
and the hash over them. Readers keep to the previous version until the next one is complete.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from contracts.base import Code, Count, Event, Instant, Name, Owner, Sha256

_CODE = "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
KEY = f"{_CODE}/(current|{_CODE}/{_CODE})"
"""The pattern of a key on the topic: of a garrison's set, or of one district of a version."""


class Level(StrEnum):
    """Levels of the police, and `area`: a gmina or city district standing in for beats until those are imported."""

    GARRISON = "garrison"
    UNIT = "unit"
    STATION = "station"
    BEAT = "beat"
    AREA = "area"


class District(Event, frozen=True, kw_only=True):
    """One district of one version of a garrison's set.

    `geometry` is a GeoJSON Polygon or MultiPolygon in WGS 84 degrees and stands on leaf districts only;
    `parent` is the code of the district above, None for the garrison itself.
    """

    garrison: Code
    version: Code
    code: Code
    level: Level
    name: Name
    short_name: Name | None = None
    parent: Code | None = None
    teryt: Code | None = None
    geometry: dict[str, Any] | None = None
    approximate: bool = False

    @property
    def key(self) -> str:
        return f"{self.garrison}/{self.version}/{self.code}"


class DistrictSet(Event, frozen=True, kw_only=True):
    """The version of a garrison's districts that is current from `valid_from`, complete at `count` districts."""

    garrison: Code
    version: Code
    count: Count
    sha256: Sha256
    valid_from: Instant

    @property
    def key(self) -> str:
        return f"{self.garrison}/current"


class SetFaultKind(StrEnum):
    """Why a set is not valid."""

    INCOMPLETE = "incomplete"  # more or fewer districts than it names
    WRONG_HASH = "wrong_hash"  # as many districts, but not these
    UNSOUND = "unsound"  # districts of another set, a parent that is missing or its own, nobody who answers


@dataclass(frozen=True, slots=True)
class SetFault:
    """What is wrong with a set: of which kind, and in words."""

    kind: SetFaultKind
    detail: str

    def __str__(self) -> str:
        return self.detail


HASHED = ("approximate", "code", "garrison", "geometry", "level", "name", "parent", "short_name", "teryt", "version")
"""The fields of a district its set's hash is made of, for ever: a field added later would be unknown to old readers."""


def district_set_sha256(districts: Iterable[District]) -> str:
    """The hash a `DistrictSet` names: over the districts' canonical JSON, in the order of their codes.

    Of each district one line: an object of the fields named in `HASHED`, sorted, without spaces; as msgspec writes it.
    """
    digest = hashlib.sha256()
    for district in sorted(districts, key=lambda district: district.code):
        hashed = {name: getattr(district, name) for name in HASHED}
        digest.update(msgspec.json.encode(hashed, order="sorted"))
        digest.update(b"\n")
    return digest.hexdigest()


def set_fault(districts: Iterable[District], announced: DistrictSet) -> SetFault | None:
    """Why the districts are not the announced set, valid as a whole; None when they are.

    The one rule readers and writers go by. Whether geometries are areas is not judged here: that needs geometry.
    Looking at a garrison of some thousand beats takes seconds; compare with `announced.count` first where that matters.
    """
    by_code = {district.code: district for district in districts}
    if len(by_code) != announced.count:
        return SetFault(SetFaultKind.INCOMPLETE, f"{len(by_code)} of {announced.count} districts are there")
    for district in by_code.values():
        if (district.garrison, district.version) != (announced.garrison, announced.version):
            return SetFault(SetFaultKind.UNSOUND, f"{district.key} is of another set")
    if district_set_sha256(by_code.values()) != announced.sha256:
        return SetFault(SetFaultKind.WRONG_HASH, "the districts are not those the hash was made of")
    faults = (_hierarchy_fault(by_code, district) for district in by_code.values())
    return next((SetFault(SetFaultKind.UNSOUND, fault) for fault in faults if fault), None)


def owner_of(districts: Mapping[str, District], code: str) -> Owner | None:
    """Who answers under the code of a unit, a station, a beat or an area that stands in for one.

    `districts` are those of one valid set by code, geometry not needed. None for a code that is not among them and for
    a garrison, which has no cases of its own. `district` is named for beats and areas alone.
    """
    if code not in districts:
        return None
    by_level = {district.level: district for district in reversed(_chain(districts, districts[code]))}
    unit, station, beat = (by_level.get(level) for level in (Level.UNIT, Level.STATION, Level.BEAT))
    if unit is None:
        return None
    return Owner(
        garrison=unit.garrison,
        unit=unit.code,
        unit_name=unit.name,
        station=station.code if station else None,
        beat=beat.code if beat else None,
        district=code if districts[code].level in (Level.BEAT, Level.AREA) else None,
    )


def _hierarchy_fault(districts: Mapping[str, District], district: District) -> str | None:
    chain = _chain(districts, district)
    above = chain[-1].parent
    if above is not None and above in districts:
        return f"{above} is its own parent by way of {chain[-1].code}"
    if above is not None:
        return f"{chain[-1].code} has the parent {above}, which is not in the set"
    if district.level is not Level.GARRISON and not any(link.level is Level.UNIT for link in chain):
        return f"{district.code} lies in no unit"
    return None


def _chain(districts: Mapping[str, District], district: District) -> list[District]:
    """The district, its parent, and so on as far as it goes, none of them twice."""
    chain, seen = [district], {district.code}
    while (parent := chain[-1].parent) is not None and parent in districts and parent not in seen:
        chain.append(districts[parent])
        seen.add(parent)
    return chain
