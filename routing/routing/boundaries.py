"""The boundaries in force: the topic `district` is followed by one thread, and every report is placed by another.

Districts are read to the end of their topic before the first report. A new version of a garrison's borders makes a new
index, which takes the old one's place whole: a report is placed by one or by the other.
"""

import threading
from collections.abc import Set
from dataclasses import asdict

import structlog
from chassis.clock import now
from chassis.health import Health
from chassis.kafka.client import read_from_start
from chassis.kafka.messages import received
from chassis.run import Worker
from contracts.envelope import Unusable
from contracts.topics import DISTRICT, ROUTING
from prometheus_client import Counter, Gauge

from routing.districts import DistrictSets, State
from routing.domain import Index, index_of
from routing.settings import Settings

log = structlog.get_logger()
DISTRICTS = Gauge("kmzb_routing_districts", "Districts that answer in the version in force", ["garrison", "version"])
SETS = Gauge(
    "kmzb_routing_district_sets", "How the newest set of districts stands: 1 for its state", ["garrison", "state"]
)
UNREADABLE = Counter("kmzb_routing_district_messages_unreadable_total", "District messages passed over as unreadable")


class Boundaries:
    """The districts in force: written by the thread that reads them, read by the one that places reports."""

    def __init__(self, settings: Settings, health: Health) -> None:
        self.index = Index()
        self._settings, self._health = settings, health
        self._enough = threading.Event()
        self._sets = DistrictSets()

    def follow(self, stop: threading.Event) -> None:
        """Worker: read the topic from its start, and go on reading. At each pause, put in force what can be."""
        for message in read_from_start(self._settings, ROUTING, DISTRICT, stop):
            self._health.beat("districts")
            if message is None:
                self._settle()
                continue
            try:
                heard = received(self._settings, message)
            except Unusable as why:
                # The set it belongs to stays incomplete, so the version before goes on answering.
                UNREADABLE.inc()
                log.error("district unreadable", reason=why.reason, detail=why.detail, offset=message.offset())
            else:
                self._sets.take(heard.key, heard.event)

    def before(self, worker: Worker) -> Worker:
        """The worker, held back until enough garrisons have districts in force."""

        def run_later(stop: threading.Event) -> None:
            while not stop.is_set():
                if self._enough.wait(0.2):
                    worker(stop)

        return run_later

    def _settle(self) -> None:
        sets, told = self._sets, self._sets.standings
        changed = sets.settle(now())
        complete = not sets.lacking
        if changed or complete != self.index.complete:
            self.index = index_of((leaf for each in sets.in_force.values() for leaf in each.leaves), complete=complete)
        if changed or sets.standings != told:
            _tell(sets, changed)
        if len(sets.in_force) >= self._settings.garrisons:
            self._enough.set()
            self._health.ready("districts")


def _tell(sets: DistrictSets, changed: Set[str]) -> None:
    """Gauges and log say what is in force, and why a newer set is not."""
    DISTRICTS.clear()
    SETS.clear()
    versions = {garrison: each.announced.version for garrison, each in sets.in_force.items()}
    for garrison, version in versions.items():
        DISTRICTS.labels(garrison, version).set(len(sets.in_force[garrison].leaves))
    for garrison in sorted(changed):
        log.info("districts changed", garrison=garrison, version=versions.get(garrison), garrisons=len(versions))
    for garrison, standing in sets.standings.items():
        for state in State:
            SETS.labels(garrison, state).set(state is standing.state)
        if standing.state is not State.IN_FORCE:
            log.warning("districts not in force", garrison=garrison, **asdict(standing))
