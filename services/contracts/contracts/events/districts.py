"""Districts: who answers for which piece of the country, versioned per garrison.

A set of districts is valid only as a whole: `DistrictSet` comes last and names how many districts the version has
and the hash over them. Readers keep to the previous version until the next one is complete.
"""

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec

from contracts.base import Code, Count, Event, Instant, Name, Sha256


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
    """The version of a garrison's districts that is in force from `valid_from`, complete at `count` districts."""

    garrison: Code
    version: Code
    count: Count
    sha256: Sha256
    valid_from: Instant

    @property
    def key(self) -> str:
        return f"{self.garrison}/current"


def district_set_sha256(districts: Iterable[District]) -> str:
    """The hash a `DistrictSet` names: over the districts' canonical JSON, in the order of their codes."""
    digest = hashlib.sha256()
    for district in sorted(districts, key=lambda each: each.code):
        digest.update(msgspec.json.encode(district, order="sorted"))
        digest.update(b"\n")
    return digest.hexdigest()
