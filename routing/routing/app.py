"""Routing: report-submitted, and places that casework corrected → the district that answers → report-routed.

Which districts answer is learnt from the topic `district` beside it. Routing keeps nothing.
"""

from collections.abc import Sequence
from functools import partial
from hashlib import sha256

import msgspec
from chassis.health import Health
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import Producing
from chassis.run import Worker, run
from chassis.settings import load
from chassis.telemetry import configure_logs
from contracts.envelope import Outgoing, encode, follows
from contracts.events.routing import ReportRouted, ReportUnroutable
from contracts.topics import CASE_CHANGED, REPORT_SUBMITTED, ROUTING
from prometheus_client import Counter
from web.health import health_api
from web.server import serving

from routing.current_districts import CurrentDistricts
from routing.domain.routings import place_to_route, routing_of
from routing.settings import Settings

TOPICS = (REPORT_SUBMITTED, CASE_CHANGED)
REPORTS = Counter(
    "kmzb_routing_reports_total",
    "Places looked up, by how the district was found (contains, shared_border, nearest) or why none was",
    ["outcome"],
)


def main() -> None:
    """Run until a signal, or until a worker fails."""
    settings = load(Settings, ROUTING)
    configure_logs(ROUTING, settings.log_level)
    health = Health("districts", "consumer")
    run({**serving(health_api(health), settings), **workers(settings, health)}, health)


def workers(settings: Settings, health: Health) -> dict[str, Worker]:
    """The two that run beside each other: one learns the districts, one places reports."""
    districts = CurrentDistricts(settings, health)
    process = Producing(
        settings,
        ROUTING,
        partial(handle, districts, settings.nearest_m),
        base_suffices=(REPORT_SUBMITTED,),
        skip_newer=(CASE_CHANGED,),
    )
    loop = Loop(settings, ROUTING, TOPICS, process, health)
    return {"districts": districts.follow, "consumer": districts.hold_back(loop)}


def handle(districts: CurrentDistricts, nearest_m: float, batch: Sequence[Received]) -> list[Outgoing]:
    """Read the places a batch names, decide which district answers for each, and return what is to be published.

    One event for each place, with an id that follows from the message that named it.
    """
    messages = []
    for message in batch:
        if message.envelope and (place := place_to_route(message.event)):
            event = routing_of(place, districts.index, nearest_m)
            REPORTS.labels(outcome(event)).inc()
            # Of the time of the message that named it, so that what is said again is the same in every byte; what is
            # said otherwise, under other borders, has another id. Of both, readers take what is first on the log.
            digest, at = sha256(msgspec.json.encode(event)).hexdigest(), message.envelope.time
            event_id = follows(message.envelope.id, f"routing/{digest}")
            messages.append(encode(event, source=ROUTING, at=at, event_id=event_id, cause=message.envelope))
    return messages


def outcome(event: ReportRouted | ReportUnroutable) -> str:
    """One of the closed set of words the metric knows."""
    return str(event.method if isinstance(event, ReportRouted) else event.reason)
