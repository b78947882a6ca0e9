"""Casework: a report becomes a case once routing has answered; officers work it, and every change is told.

Comes in: what the log says of reports (consumer), what officers decide (HTTP). Goes out: `case-changed`.
"""

from collections.abc import Sequence
from functools import partial

from chassis.health import Health
from chassis.http import create_api
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.kafka.relay import Relay
from chassis.postgres import Connection, Database, database_time, require_migrated
from chassis.run import Worker, every, run
from chassis.settings import Settings as Common
from chassis.settings import load
from chassis.telemetry import configure_logs
from contracts.base import ReportEvent
from contracts.clocks import ClockEvent
from contracts.referrals import ReferralAnswer
from contracts.reports import FollowUp, ReportSubmitted
from contracts.routing import Routing
from contracts.topics import ANSWERS, CASEWORK, CLOCK, CONTENT, FOLLOW_UP, REPORT_ROUTED, REPORT_SUBMITTED
from prometheus_client import Gauge

from casework import agencies, api, arrivals, citizens, history, lists, store
from casework.access import Gate
from casework.desk import Desk
from casework.districts import Districts, learn
from casework.settings import Settings

OPEN_CASES = Gauge("kmzb_casework_open", "Open cases", ["status", "garrison"])
TOPICS = (REPORT_SUBMITTED, CONTENT, FOLLOW_UP, REPORT_ROUTED, CLOCK, *ANSWERS.values())


def main() -> None:
    settings = load(Settings, CASEWORK)
    configure_logs(CASEWORK, settings.log_level)
    database = Database(settings.postgres_dsn.get_secret_value())
    require_migrated(database, "casework")
    officers = Database(settings.api_postgres_dsn.get_secret_value(), size=settings.api_connections)
    officers.committed = database.committed  # what officers do wakes the relay too
    health, districts = Health("consumer", "districts"), Districts()
    gate = Gate(settings.jwks_url, settings.issuer, settings.audience)
    http = create_api("Casework", api.DESCRIPTION, health)
    api.serve(http, Desk(officers, gate, districts, settings.checks_needed))
    run(http, settings.url, workers(settings, database, districts, health))


def workers(settings: Common, database: Database, districts: Districts, health: Health) -> dict[str, Worker]:
    """What runs beside the HTTP server."""
    return {
        "consumer": Loop(settings, CASEWORK, TOPICS, Storing(settings, CASEWORK, database, handle), health),
        "relay": Relay(settings, CASEWORK, database, health),
        "districts": partial(learn, settings, districts, health),
        "gauges": every(15, "gauges", health, partial(measure, database)),
    }


def handle(connection: Connection, batch: Sequence[Received]) -> None:
    """Everything that is heard, in any order and any number of times."""
    store.keep_clocks(connection, [each.event for each in batch if isinstance(each.event, ClockEvent)])
    citizens.keep_words(connection, [each for each in batch if each.topic is CONTENT])
    of_cases = [each for each in batch if isinstance(each.event, ReportSubmitted | Routing | FollowUp | ReferralAnswer)]
    if of_cases:
        _change_cases(connection, of_cases)


def _change_cases(connection: Connection, batch: Sequence[Received]) -> None:
    report_ids = sorted({each.event.report_id for each in batch if isinstance(each.event, ReportEvent)})
    causes = {each.envelope.id: each.envelope for each in batch if each.envelope}
    arrivals.lock(connection, report_ids)
    arrivals.keep(connection, batch)
    citizens.keep_follow_ups(connection, batch)
    agencies.require_asked(connection, batch)
    store.open_cases(connection, arrivals.openings(connection, report_ids, batch, database_time(connection)))

    cases = store.lock_cases_and_survivors(connection, report_ids)
    at = database_time(connection)
    moved = arrivals.rerouted(cases, batch, at)
    supported, said = citizens.applied(cases, citizens.waiting(connection, report_ids), causes, at)
    answered, late = agencies.answered(cases, batch, agencies.heard_before(connection, batch), at)

    store.keep(connection, [*moved, *supported, *answered])
    store.rehome(connection, moved)
    history.note(connection, [*said, *late])
    citizens.flag_contested(connection, [case.report_id for case in cases.values() if case.contested])
    agencies.keep_who_answers(connection, batch)


def measure(database: Database) -> None:
    """Show how many cases are open."""
    with database.transaction() as connection:
        counted = lists.count_open(connection)
    OPEN_CASES.clear()
    for labels, number in counted.items():
        OPEN_CASES.labels(*labels).set(number)
