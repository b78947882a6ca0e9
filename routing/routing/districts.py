"""Which districts are in force: the topic `district`, folded into one valid set per garrison.

A set replaces the one in force only when it is whole, its hash is right, it makes sense and its time has come.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec
import shapely
from contracts.base import Event, Owner
from contracts.events.districts import District, DistrictSet, Level, district_set_sha256
from shapely.geometry.base import BaseGeometry


class State(StrEnum):
    """How the newest set a garrison announced stands."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"  # valid from a moment ahead
    INCOMPLETE = "incomplete"  # more or fewer districts than it names
    WRONG_HASH = "wrong_hash"  # as many districts, but not these
    UNSOUND = "unsound"  # a shape that is none, a parent that is missing, nobody who answers


@dataclass(frozen=True, slots=True)
class Leaf:
    """A district that can be the answer, and who answers for it. `shape` in WGS 84 degrees."""

    code: str
    version: str
    level: Level
    name: str
    owner: Owner
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class SetInForce:
    """A garrison's districts that answer now."""

    announced: DistrictSet
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a garrison's newest set stands, and why."""

    version: str
    state: State
    detail: str = ""


class Refused(Exception):
    """A set that can't be in force: `state` says how it stands, the text what is wrong."""

    def __init__(self, state: State, detail: str) -> None:
        super().__init__(detail)
        self.state, self.detail = state, detail


class DistrictSets:
    """What the topic said so far, in any order and however often, and what of it is in force.

    The set announced last wins as soon as it can; what it supersedes answers until then. What is in force stays, even
    when its districts leave the topic, until a newer set takes over or the garrison itself is withdrawn.
    """

    def __init__(self) -> None:
        self.in_force: Mapping[str, SetInForce] = {}
        self.standings: Mapping[str, Standing] = {}
        # (garrison, version) → code → the district as JSON: as Python lists, positions take five times the memory.
        self._districts: dict[tuple[str, str], dict[str, bytes]] = {}
        self._announced: dict[str, list[DistrictSet]] = {}  # newest first, down to the one in force
        self._refused: dict[tuple[str, str], Refused] = {}  # not judged again until something of it changes

    def take(self, key: str, event: Event | None) -> None:
        """Remember one message; None is a tombstone."""
        match event, key.split("/"):
            case DistrictSet(), _:
                older = [each for each in self._announced.get(event.garrison, []) if each.version != event.version]
                self._announced[event.garrison] = [event, *older]
                self._refused.pop((event.garrison, event.version), None)
            case District(), _:
                self._districts.setdefault((event.garrison, event.version), {})[event.code] = msgspec.json.encode(event)
                self._refused.pop((event.garrison, event.version), None)
            case None, [garrison, "current"]:
                self._announced.pop(garrison, None)
            case None, [garrison, version, code]:
                held = self._districts.get((garrison, version), {})
                held.pop(code, None)
                if not held:
                    self._districts.pop((garrison, version), None)
                self._refused.pop((garrison, version), None)

    def settle(self, at: datetime) -> frozenset[str]:
        """Put in force what can be at this moment. Returns the garrisons that have other districts now than before."""
        before = self.in_force
        chosen = {garrison: self._choose(garrison, at) for garrison in self._announced}
        self.in_force = {garrison: choice for garrison, choice in chosen.items() if choice}
        self.standings = {garrison: self._standing(garrison, at) for garrison in self._announced}
        return frozenset(g for g in before.keys() | chosen.keys() if before.get(g) is not self.in_force.get(g))

    @property
    def lacking(self) -> frozenset[str]:
        """Garrisons the topic speaks of that have nothing in force."""
        return frozenset({garrison for garrison, _ in self._districts} | set(self._announced)) - set(self.in_force)

    def _choose(self, garrison: str, at: datetime) -> SetInForce | None:
        """The newest announced set that can be in force; else the one that is."""
        now = self.in_force.get(garrison)
        announced = self._announced[garrison]
        for number, candidate in enumerate(announced):
            if now and candidate == now.announced:
                break
            if candidate.valid_from > at or (garrison, candidate.version) in self._refused:
                continue
            try:
                found = SetInForce(candidate, leaves_of(candidate, self._held(candidate)))
            except Refused as why:
                self._refused[garrison, candidate.version] = why
            else:
                del announced[number + 1 :]
                return found
        return now

    def _held(self, announced: DistrictSet) -> list[District]:
        held = self._districts.get((announced.garrison, announced.version), {})
        return [msgspec.json.decode(raw, type=District) for raw in held.values()]

    def _standing(self, garrison: str, at: datetime) -> Standing:
        newest = self._announced[garrison][0]
        now = self.in_force.get(garrison)
        if now and newest == now.announced:
            return Standing(newest.version, State.IN_FORCE)
        if newest.valid_from > at:
            return Standing(newest.version, State.NOT_YET, f"valid from {newest.valid_from.isoformat()}")
        why = self._refused[garrison, newest.version]
        return Standing(newest.version, why.state, why.detail)


def leaves_of(announced: DistrictSet, districts: list[District]) -> tuple[Leaf, ...]:
    """The districts of a set that can be an answer. Raises Refused for one not whole, not right or senseless."""
    if len(districts) != announced.count:
        raise Refused(State.INCOMPLETE, f"{len(districts)} of {announced.count} districts are there")
    if district_set_sha256(districts) != announced.sha256:
        raise Refused(State.WRONG_HASH, "the districts are not those the hash was made of")
    by_code = {district.code: district for district in districts}
    above = {district.parent for district in districts}
    # A unit without an area of its own, two of which share a town, say, is no answer and no fault.
    leaves = tuple(
        _leaf(district, by_code)
        for district in districts
        if district.code not in above and (district.geometry or district.level in (Level.BEAT, Level.AREA))
    )
    if not leaves:
        raise Refused(State.UNSOUND, "no district has a geometry")
    return leaves


def _leaf(district: District, by_code: Mapping[str, District]) -> Leaf:
    levels = {each.level: each for each in _upwards(district, by_code)}
    unit, station, beat = levels.get(Level.UNIT), levels.get(Level.STATION), levels.get(Level.BEAT)
    if unit is None:
        raise Refused(State.UNSOUND, f"{district.code} lies in no unit")
    owner = Owner(
        garrison=district.garrison,
        unit=unit.code,
        unit_name=unit.name,
        station=station.code if station else None,
        beat=beat.code if beat else None,
        district=district.code,
    )
    return Leaf(district.code, district.version, district.level, district.name, owner, _shape(district))


def _upwards(district: District, by_code: Mapping[str, District]) -> Iterable[District]:
    """The district, its parent, and so on up to the garrison."""
    chain = [district]
    while (parent := chain[-1].parent) is not None:
        if parent not in by_code:
            raise Refused(State.UNSOUND, f"{chain[-1].code} has the parent {parent}, which is not in the set")
        if any(each.code == parent for each in chain):
            raise Refused(State.UNSOUND, f"{parent} is its own parent by way of {chain[-1].code}")
        chain.append(by_code[parent])
    return chain


def _shape(district: District) -> BaseGeometry:
    try:
        shape: BaseGeometry = shapely.from_geojson(msgspec.json.encode(district.geometry))
    except shapely.errors.ShapelyError as wrong:
        raise Refused(State.UNSOUND, f"{district.code}: {wrong}") from wrong
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        raise Refused(State.UNSOUND, f"{district.code}: no area, but {shape.geom_type}")
    if not shape.is_valid:
        raise Refused(State.UNSOUND, f"{district.code}: {shapely.is_valid_reason(shape)}")
    return shapely.force_2d(shape)
