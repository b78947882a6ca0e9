"""report-submitted, and places that casework corrected → the district that answers → report-routed."""

from collections.abc import Sequence
from functools import partial

from chassis.clock import now
from chassis.health import Health
from chassis.http import create_api
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import producing
from chassis.run import Worker, run
from chassis.settings import load
from chassis.telemetry import configure_logs
from contracts.envelope import Outgoing, encode, follows
from contracts.events.routing import ReportRouted, ReportUnroutable
from contracts.topics import CASE_CHANGED, REPORT_SUBMITTED, ROUTING
from prometheus_client import Counter

from routing.boundaries import Boundaries
from routing.domain import place_of, route
from routing.settings import Settings

TOPICS = (REPORT_SUBMITTED, CASE_CHANGED)
REPORTS = Counter(
    "kmzb_routing_reports_total",
    "Places looked up, by how the district was found (contains, shared_border, nearest) or why none was",
    ["outcome"],
)


def main() -> None:
    settings = load(Settings, ROUTING)
    configure_logs(ROUTING, settings.log_level)
    health = Health("districts", "consumer")
    api = create_api(
        "KMZB routing", "Health and metrics of the service that finds districts.", health, documented=False
    )
    run(api, settings.url, workers(settings, health))


def workers(settings: Settings, health: Health) -> dict[str, Worker]:
    """The two that run beside each other: one learns the districts, one places reports."""
    boundaries = Boundaries(settings, health)
    process = producing(settings, ROUTING, partial(handle, boundaries, settings.nearest_m))
    loop = Loop(settings, ROUTING, TOPICS, process, health)
    return {"districts": boundaries.follow, "consumer": boundaries.before(loop)}


def handle(boundaries: Boundaries, nearest_m: float, batch: Sequence[Received]) -> list[Outgoing]:
    """What to say to a batch: one answer for each place named in it, with an id that follows from the question."""
    answers = []
    for asked in batch:
        if asked.envelope and (place := place_of(asked.event)):
            answer = route(boundaries.index, place, nearest_m)
            REPORTS.labels(outcome(answer)).inc()
            # One id for either answer: asked again under other borders, it is still the same question.
            answer_id = follows(asked.envelope.id, "routing")
            answers.append(encode(answer, source=ROUTING, at=now(), event_id=answer_id, cause=asked.envelope))
    return answers


def outcome(answer: ReportRouted | ReportUnroutable) -> str:
    """The closed set of words the metric knows."""
    return str(answer.method if isinstance(answer, ReportRouted) else answer.reason)
