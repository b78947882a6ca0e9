"""The units, stations and beats a case can be transferred to, learned from the topic the boundaries come by."""

import threading
from collections import defaultdict

import structlog
from chassis.health import Health
from chassis.kafka.client import read_from_start
from chassis.kafka.messages import received
from chassis.settings import Settings
from chassis.telemetry import DEAD_LETTERS
from contracts.base import HEADQUARTERS, Owner
from contracts.districts import District, DistrictSet, Level
from contracts.envelope import Unusable
from contracts.topics import CASEWORK, DISTRICT

log = structlog.get_logger()
_Place = tuple[str, str]


class Districts:
    """Every garrison's districts in the newest complete version, without their geometry."""

    def __init__(self) -> None:
        self._versions: dict[_Place, dict[str, District]] = defaultdict(dict)
        self._wanted: dict[str, DistrictSet] = {}
        self._current: dict[str, dict[str, District]] = {}

    def hear(self, event: District | DistrictSet) -> None:
        """Learn; a garrison goes over to its wanted version once all of it is there."""
        place = (event.garrison, event.version)
        if isinstance(event, DistrictSet):
            self._wanted[event.garrison] = event
        else:
            self._versions[place][event.code] = event
        wanted = self._wanted.get(event.garrison)
        if wanted is not None and wanted.version == event.version and len(self._versions[place]) >= wanted.count:
            self._current = {**self._current, event.garrison: self._versions[place]}
            for old in [each for each in self._versions if each[0] == event.garrison and each != place]:
                del self._versions[old]

    def owner(self, code: str) -> Owner | None:
        """Who answers under a code: a unit's, a station's, a beat's or the area's that stands in for one."""
        if code == HEADQUARTERS.unit:
            return HEADQUARTERS
        for districts in self._current.values():
            if code in districts:
                return _owner(districts, code)
        return None


def learn(settings: Settings, districts: Districts, health: Health, stop: threading.Event) -> None:
    """A worker that reads the topic from its beginning and goes on listening."""
    for message in read_from_start(settings, CASEWORK, DISTRICT, stop):
        health.beat("districts")
        if message is None:
            health.ready("districts")
            continue
        try:
            event = received(settings, message).event
        except Unusable as why:  # stays on its topic, which routing reads too; here it only lacks a name
            DEAD_LETTERS.labels(CASEWORK, why.reason).inc()
            log.warning("district unusable", reason=why.reason, offset=message.offset())
            continue
        if isinstance(event, District | DistrictSet):
            districts.hear(event)


def _owner(districts: dict[str, District], code: str) -> Owner | None:
    chain = [districts[code]]
    while (parent := chain[-1].parent) in districts and len(chain) < 10:
        chain.append(districts[parent or ""])
    by_level = {district.level: district for district in reversed(chain)}
    unit = by_level.get(Level.UNIT)
    if unit is None:  # a garrison has no cases of its own
        return None
    station, beat = by_level.get(Level.STATION), by_level.get(Level.BEAT)
    return Owner(
        garrison=unit.garrison,
        unit=unit.code,
        unit_name=unit.name,
        station=station.code if station else None,
        beat=beat.code if beat else None,
        district=code if districts[code].level in {Level.BEAT, Level.AREA} else None,
    )
