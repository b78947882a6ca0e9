"""The topic `district`, folded into one current set per garrison.

A set replaces the current one only when it is whole, its hash is right, it makes sense and its time has come.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec
from contracts.base import Event
from contracts.events.districts import District, DistrictSet, SetFault, SetFaultKind

from districts.leaves import InvalidSet, Leaf, leaves_of


class SetState(StrEnum):
    """The state of a set: current, not yet, or the kind of fault that keeps it from becoming current."""

    CURRENT = "current"
    NOT_YET = "not_yet"  # valid from a moment ahead
    INCOMPLETE = SetFaultKind.INCOMPLETE.value
    WRONG_HASH = SetFaultKind.WRONG_HASH.value
    UNSOUND = SetFaultKind.UNSOUND.value


@dataclass(frozen=True, slots=True)
class CurrentSet:
    """The districts that answer in a garrison now."""

    announced: DistrictSet
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class NewestSet:
    """The set a garrison announced last: its state, and in words why it is not current."""

    version: str
    state: SetState
    detail: str = ""


class DistrictSets:
    """All that was read from the topic, in any order and however often, and what of it is current.

    The set announced last wins as soon as it can; what it supersedes answers until then. The current set stays, even
    when its districts leave the topic, until a newer one takes over or the garrison itself is withdrawn.
    """

    def __init__(self) -> None:
        self.current: Mapping[str, CurrentSet] = {}
        self.newest: Mapping[str, NewestSet] = {}
        # (garrison, version) → code → the district as JSON: as Python lists, positions take five times the memory.
        self._districts: dict[tuple[str, str], dict[str, bytes]] = {}
        self._announced: dict[str, list[DistrictSet]] = {}  # newest first, down to the current one
        self._faults: dict[tuple[str, str], SetFault] = {}  # not judged again until something of the set changes

    def apply(self, key: str, event: Event | None) -> None:
        """Take in one message; None is a tombstone."""
        match event, key.split("/"):
            case DistrictSet(), _:
                announced = self._announced.get(event.garrison, [])
                older = [district_set for district_set in announced if district_set.version != event.version]
                self._announced[event.garrison] = [event, *older]
                self._faults.pop((event.garrison, event.version), None)
            case District(), _:
                self._districts.setdefault((event.garrison, event.version), {})[event.code] = msgspec.json.encode(event)
                self._faults.pop((event.garrison, event.version), None)
            case None, [garrison, "current"]:
                self._announced.pop(garrison, None)
            case None, [garrison, version, code]:
                stored = self._districts.get((garrison, version), {})
                stored.pop(code, None)
                if not stored:
                    self._districts.pop((garrison, version), None)
                self._faults.pop((garrison, version), None)

    def update_current(self, at: datetime) -> frozenset[str]:
        """Make current what can be at this instant. Returns the garrisons that have other districts now than before."""
        before = self.current
        chosen = {garrison: self._choice(garrison, at) for garrison in self._announced}
        self.current = {garrison: choice for garrison, choice in chosen.items() if choice}
        self.newest = {garrison: self._newest(garrison, at) for garrison in self._announced}
        return frozenset(g for g in before.keys() | chosen.keys() if before.get(g) is not self.current.get(g))

    @property
    def garrisons_without_set(self) -> frozenset[str]:
        """Garrisons the topic names that have no current set."""
        return frozenset({garrison for garrison, _ in self._districts} | set(self._announced)) - set(self.current)

    def _choice(self, garrison: str, at: datetime) -> CurrentSet | None:
        """The newest announced set that can be current; else the one that is."""
        current = self.current.get(garrison)
        announced = self._announced[garrison]
        for number, candidate in enumerate(announced):
            if current and candidate == current.announced:
                break
            if candidate.valid_from > at or (garrison, candidate.version) in self._faults:
                continue
            try:
                chosen = CurrentSet(candidate, leaves_of(candidate, self._districts_of(candidate)))
            except InvalidSet as invalid:
                self._faults[garrison, candidate.version] = invalid.fault
            else:
                del announced[number + 1 :]
                return chosen
        return current

    def _districts_of(self, announced: DistrictSet) -> list[District]:
        stored = self._districts.get((announced.garrison, announced.version), {})
        return [msgspec.json.decode(raw, type=District) for raw in stored.values()]

    def _newest(self, garrison: str, at: datetime) -> NewestSet:
        newest = self._announced[garrison][0]
        current = self.current.get(garrison)
        if current and newest == current.announced:
            return NewestSet(newest.version, SetState.CURRENT)
        if newest.valid_from > at:
            return NewestSet(newest.version, SetState.NOT_YET, f"valid from {newest.valid_from.isoformat()}")
        fault = self._faults[garrison, newest.version]
        return NewestSet(newest.version, SetState(fault.kind.value), fault.detail)
