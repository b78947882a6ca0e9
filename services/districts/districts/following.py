"""Follows the topic `district`: one thread reads it, others look places up by the index made of what is current.

A new set of a garrison makes a new index, which takes the old one's place whole: a place is looked up in one or in the
other.
"""

import threading
from collections.abc import Set

import structlog
from chassis.clock import now
from chassis.health import Health
from chassis.kafka.messages import received
from chassis.kafka.reader import read_from_start
from chassis.settings import Settings
from contracts.envelope import Unusable
from contracts.topics import DISTRICT
from prometheus_client import Counter

from districts.index import Index, index_of
from districts.sets import DistrictSets

log = structlog.get_logger()


class FollowedDistricts:
    """`index` is written by the thread that follows the topic and read by those that look places up.

    `unreadable` counts messages that were passed over: the set such a one belongs to stays incomplete, so the one
    before stays current.
    """

    def __init__(self, settings: Settings, service: str, health: Health, unreadable: Counter) -> None:
        self.index, self.sets = Index(), DistrictSets()
        self._settings, self._service, self._health, self._unreadable = settings, service, health, unreadable

    def follow(self, stop: threading.Event) -> None:
        """Worker: read the topic from its start, and go on reading. At each pause, make current what can be."""
        for message in read_from_start(self._settings, self._service, DISTRICT, stop):
            self._health.beat("districts")
            if message is None:
                self.paused(self._update())
                continue
            try:
                district_message = received(self._settings, message)
            except Unusable as unusable:
                self._unreadable.inc()
                log.error(
                    "district unreadable", reason=unusable.reason, detail=unusable.detail, offset=message.offset()
                )
            else:
                self.sets.apply(district_message.key, district_message.event)

    def paused(self, changed: Set[str]) -> None:
        """Called when all there was has been read, with the garrisons that have other districts now than before."""

    def _update(self) -> frozenset[str]:
        changed = self.sets.update_current(now())
        complete = not self.sets.garrisons_without_set
        if changed or complete != self.index.complete:
            leaves = (leaf for current in self.sets.current.values() for leaf in current.leaves)
            self.index = index_of(leaves, complete=complete)
        return changed
