"""The current districts: one thread follows the topic `district`, another places reports by the index made of it.

Districts are read to the end of their topic before the first report is placed. A new set of a garrison makes a new
index, which takes the old one's place whole: a report is placed by one or by the other.
"""

import threading
from collections.abc import Set
from dataclasses import asdict

import structlog
from chassis.clock import now
from chassis.health import Health
from chassis.kafka.messages import received
from chassis.kafka.reader import read_from_start
from chassis.run import Worker
from contracts.envelope import Unusable
from contracts.topics import DISTRICT, ROUTING
from prometheus_client import Counter, Gauge

from routing.domain.district_sets import DistrictSets, SetState
from routing.domain.index import Index, index_of
from routing.settings import Settings

log = structlog.get_logger()
DISTRICTS = Gauge("kmzb_routing_districts", "Districts of current sets that can be answers", ["garrison", "version"])
SETS = Gauge("kmzb_routing_district_sets", "The newest set of each garrison: 1 for its state", ["garrison", "state"])
UNREADABLE = Counter("kmzb_routing_district_messages_unreadable_total", "District messages passed over as unreadable")


class CurrentDistricts:
    """`index` is written by the thread that follows the topic and read by the one that places reports."""

    def __init__(self, settings: Settings, health: Health) -> None:
        self.index = Index()
        self._settings, self._health = settings, health
        self._enough = threading.Event()
        self._sets = DistrictSets()

    def follow(self, stop: threading.Event) -> None:
        """Worker: read the topic from its start, and go on reading. At each pause, make current what can be."""
        for message in read_from_start(self._settings, ROUTING, DISTRICT, stop):
            self._health.beat("districts")
            if message is None:
                self._update()
                continue
            try:
                district_message = received(self._settings, message)
            except Unusable as unusable:
                # The set it belongs to stays incomplete, so the one before stays current.
                UNREADABLE.inc()
                log.error(
                    "district unreadable", reason=unusable.reason, detail=unusable.detail, offset=message.offset()
                )
            else:
                self._sets.apply(district_message.key, district_message.event)

    def hold_back(self, worker: Worker) -> Worker:
        """The worker, started once enough garrisons have a current set."""

        def run_later(stop: threading.Event) -> None:
            while not stop.is_set():
                if self._enough.wait(0.2):
                    worker(stop)

        return run_later

    def _update(self) -> None:
        sets, newest_before = self._sets, self._sets.newest
        changed = sets.update_current(now())
        complete = not sets.garrisons_without_set
        if changed or complete != self.index.complete:
            leaves = (leaf for current in sets.current.values() for leaf in current.leaves)
            self.index = index_of(leaves, complete=complete)
        if changed or sets.newest != newest_before:
            _show(sets, changed)
        if len(sets.current) >= self._settings.garrisons:
            self._enough.set()
            self._health.ready("districts")


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
