"""The current districts, by which reports are placed: none is before enough garrisons have some."""

import threading
from collections.abc import Set
from dataclasses import asdict

import structlog
from chassis.health import Health
from chassis.run import Worker
from contracts.topics import ROUTING
from districts.following import FollowedDistricts
from districts.sets import DistrictSets, SetState
from prometheus_client import Counter, Gauge

from routing.settings import Settings

log = structlog.get_logger()
DISTRICTS = Gauge("kmzb_routing_districts", "Districts of current sets that can be answers", ["garrison", "version"])
SETS = Gauge("kmzb_routing_district_sets", "The newest set of each garrison: 1 for its state", ["garrison", "state"])
UNREADABLE = Counter("kmzb_routing_district_messages_unreadable_total", "District messages passed over as unreadable")


class CurrentDistricts(FollowedDistricts):
    """Districts are read to the end of their topic before the first report is placed."""

    def __init__(self, settings: Settings, health: Health) -> None:
        super().__init__(settings, ROUTING, health, UNREADABLE)
        self._garrisons, self._awaiting = settings.garrisons, health
        self._enough = threading.Event()
        self._shown = self.sets.newest

    def hold_back(self, worker: Worker) -> Worker:
        """The worker, started once enough garrisons have a current set."""

        def run_later(stop: threading.Event) -> None:
            while not stop.is_set():
                if self._enough.wait(0.2):
                    worker(stop)

        return run_later

    def paused(self, changed: Set[str]) -> None:
        """Show what changed, and let reports be placed once there are enough garrisons."""
        if changed or self.sets.newest != self._shown:
            _show(self.sets, changed)
        self._shown = self.sets.newest
        if len(self.sets.current) >= self._garrisons:
            self._enough.set()
            self._awaiting.ready("districts")


def _show(sets: DistrictSets, changed: Set[str]) -> None:
    """Gauges and log: which sets are current, and why a newer one is not."""
    DISTRICTS.clear()
    SETS.clear()
    versions = {garrison: current.announced.version for garrison, current in sets.current.items()}
    for garrison, version in versions.items():
        DISTRICTS.labels(garrison, version).set(len(sets.current[garrison].leaves))
    for garrison in sorted(changed):
        log.info("districts changed", garrison=garrison, version=versions.get(garrison), garrisons=len(versions))
    for garrison, newest in sets.newest.items():
        for state in SetState:
            SETS.labels(garrison, state).set(state is newest.state)
        if newest.state is not SetState.CURRENT:
            log.warning("districts not current", garrison=garrison, **asdict(newest))
