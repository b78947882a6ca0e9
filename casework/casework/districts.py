"""The units, stations and beats a case can be transferred to, learned from the topic of districts."""

import threading

import msgspec
import structlog
from chassis.health import Health
from chassis.kafka.messages import Received
from chassis.kafka.reader import follow
from chassis.settings import Settings
from contracts.base import HEADQUARTERS, Owner
from contracts.events.districts import District, DistrictSet, Level, owner_of, set_fault
from contracts.topics import CASEWORK, DISTRICT

log = structlog.get_logger()


class Districts:
    """Every garrison's districts in its newest complete set, without their geometry."""

    def __init__(self) -> None:
        # (garrison, version) → code → the district as JSON: as Python lists, positions take five times the memory.
        self._districts: dict[tuple[str, str], dict[str, bytes]] = {}
        self._announced: dict[str, DistrictSet] = {}
        self._current: dict[str, dict[str, District]] = {}

    def apply(self, event: District | DistrictSet) -> None:
        """Take in one message, in any order. A garrison goes over to the set announced last once all of it is there."""
        if isinstance(event, DistrictSet):
            self._announced[event.garrison] = event
        else:
            self._districts.setdefault((event.garrison, event.version), {})[event.code] = msgspec.json.encode(event)
        announced = self._announced.get(event.garrison)
        if announced is not None and announced.version == event.version:
            self._switch(announced)

    def withdraw(self, key: str) -> None:
        """Take in a tombstone: a garrison's set ends, or a district of a version that is cleared away."""
        match key.split("/"):
            case [garrison, "current"]:
                self._announced.pop(garrison, None)
                self._current = {other: known for other, known in self._current.items() if other != garrison}
            case [garrison, version, code]:
                self._districts.get((garrison, version), {}).pop(code, None)

    def owners(self, code: str) -> dict[str, Owner]:
        """Who may be meant by a code: a unit's, a station's, a beat's or the area's that stands in for one.

        Codes are a garrison's own, so several may have one: each stands under its full code, `OPO/R1`, which means one.
        """
        named, _, own = code.rpartition("/")
        found = {garrison: owner_of(districts, own) for garrison, districts in self._current.items()}
        if own == HEADQUARTERS.unit:
            found[HEADQUARTERS.garrison] = HEADQUARTERS
        return {
            f"{garrison}/{own}": owner
            for garrison, owner in sorted(found.items())
            if owner is not None and named in ("", garrison)
        }

    def name(self, garrison: str, code: str) -> str | None:
        """What a garrison's district of this code is called; None where it has none now."""
        if code == HEADQUARTERS.unit:
            return HEADQUARTERS.unit_name
        district = self._current.get(garrison, {}).get(code)
        return district.name if district else None

    def teryt(self, owner: Owner) -> str | None:
        """The TERYT code of the gmina, or else of the powiat, an owner's district lies in; None where none is said."""
        districts, code = self._current.get(owner.garrison, {}), owner.district
        for _ in Level:  # a district has so many above it at most
            district = districts.get(code or "")
            if district is None or district.teryt:
                return district.teryt if district else None
            code = district.parent
        return None

    def find(self, words: str, garrison: str | None, limit: int) -> list[tuple[str, str]]:
        """Full codes and names of districts whose code or name begins with the words, or has one that does; a
        garrison's own first.
        """
        wanted = words.casefold()
        found = [
            (code_garrison != garrison, district.level is not Level.UNIT, f"{code_garrison}/{code}", district.name)
            for code_garrison, districts in sorted(self._current.items())
            for code, district in districts.items()
            if district.level is not Level.GARRISON and _begins(wanted, f"{code_garrison}/{code}", code, district.name)
        ]
        return [(code, name) for _, _, code, name in sorted(found)[:limit]]

    def _switch(self, announced: DistrictSet) -> None:
        held = self._districts.get((announced.garrison, announced.version), {})
        if len(held) != announced.count:  # before the rest is looked at, which takes seconds for a large garrison
            return
        districts = [msgspec.json.decode(raw, type=District) for raw in held.values()]
        if fault := set_fault(districts, announced):
            log.warning(
                "districts not current", garrison=announced.garrison, version=announced.version, fault=str(fault)
            )
            return
        bare = {district.code: msgspec.structs.replace(district, geometry=None) for district in districts}
        self._current = {**self._current, announced.garrison: bare}
        for old in [version for version in self._districts if version[0] == announced.garrison]:
            del self._districts[old]


def _begins(wanted: str, full_code: str, code: str, name: str) -> bool:
    words = (full_code, code, name, *name.split())
    return any(word.casefold().startswith(wanted) for word in words)


def learn(settings: Settings, districts: Districts, health: Health, stop: threading.Event) -> None:
    """A worker that reads the topic from its beginning and goes on reading.

    Of a message that can't be read the set stays incomplete, so the one before stays current.
    """

    def apply(message: Received) -> None:
        if isinstance(message.event, District | DistrictSet):
            districts.apply(message.event)
        elif message.event is None:
            districts.withdraw(message.key)

    follow(settings, CASEWORK, DISTRICT, health, apply, stop)
