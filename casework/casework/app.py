"""Casework: a report becomes a case once routing has answered; officers work it, and every change is published.

In: submitted reports, routings, words, follow-ups, clocks and agencies' answers from the log, districts beside it, what
officers decide by HTTP, cases of other regions. Out: case changes, cases for other regions, what officers write to
reporters, tombstones of erased words, the relay says how far (progress).
"""

from collections.abc import Sequence
from functools import partial

from chassis import outbox
from chassis.health import Health
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.kafka.reader import follow
from chassis.postgres import Connection, Database, require_migrated
from chassis.relay import Relay
from chassis.run import Worker, run
from chassis.settings import Settings as Common
from chassis.settings import load
from chassis.telemetry import DUPLICATES, configure_logs
from contracts.agencies import Agencies
from contracts.events.clocks import ClockEvent
from contracts.events.referrals import ReferralAnswer
from contracts.events.reports import FollowUp, FollowUpWords, ReportContent, ReportSubmission, as_report_id
from contracts.events.routing import Routing
from contracts.policy.regions import NATION, Region
from contracts.policy.surges import surge_policy
from contracts.policy.terms import Policy, policy
from contracts.topics import (
    AGENCY,
    AGENCY_ANSWER,
    ANSWERS,
    CASEWORK,
    CLOCK,
    CONTENT,
    FOLLOW_UP,
    HAND_OVER,
    REPORT_ROUTED,
    REPORT_SUBMITTED,
)
from objects.storage import storage
from web.server import serving

from casework.api.application import application
from casework.api.auth import TokenVerifier
from casework.api.dependencies import Dependencies
from casework.consumer.arrivals import arrival
from casework.consumer.effects import Effects, effects
from casework.districts import Districts, learn
from casework.known_state import handed_to, lock_known_state
from casework.photos import photo_workers
from casework.settings import Settings
from casework.store.cases import insert_cases, update_cases, update_marks
from casework.store.clocks import upsert_clocks
from casework.store.follow_ups import upsert_follow_ups
from casework.store.history import insert_remarks
from casework.store.referrals import update_responsible_agencies
from casework.store.regions.handing import insert_hand_over
from casework.store.reports import update_reports
from casework.store.words import upsert_erasures, upsert_words
from casework.upkeep import upkeep

BASE_SUFFICES = (REPORT_SUBMITTED, REPORT_ROUTED, CLOCK)
TOPICS = (REPORT_SUBMITTED, CONTENT, FOLLOW_UP, REPORT_ROUTED, CLOCK, AGENCY_ANSWER, HAND_OVER)


def main() -> None:
    """Run until a signal, or until a worker fails."""
    settings = load(Settings, CASEWORK)
    configure_logs(CASEWORK, settings.log_level)
    database = Database(settings.postgres_dsn.get_secret_value())
    require_migrated(database, "casework")
    officers = Database(settings.api_postgres_dsn.get_secret_value(), size=settings.api_connections)
    officers.committed = database.committed  # what officers do wakes the relay too
    health, districts = Health("consumer", "district", "agency"), Districts()
    given = Dependencies(
        database=officers,
        verifier=TokenVerifier(settings.jwks_url, settings.issuer, settings.audience, settings.token_leeway),
        districts=districts,
        agencies=Agencies(),
        checks_needed=settings.checks_needed,
        terms=policy(settings.terms_file),
        surges=surge_policy(settings.surges_file),
        photos=storage(settings),
        health=health,
        region=settings.region,
    )
    run(serving(application(given, settings), settings) | workers(settings, database, given), health)


def workers(settings: Common, database: Database, given: Dependencies) -> dict[str, Worker]:
    """What runs beside the HTTP server, by the given terms; agencies' topics of answers are read as they are made."""
    health, member = given.health, given.region.member(CASEWORK)
    handle_batch = partial(handle, given.terms, region=given.region)
    storing = Storing(settings, CASEWORK, database, handle_batch, base_suffices=BASE_SUFFICES)
    return {
        "consumer": Loop(settings, member, TOPICS, storing, health, pattern=ANSWERS),
        "relay": Relay(settings, member, database, health, tells_progress=True),
        "district": partial(learn, settings, given.districts, health),
        "agency": partial(follow, settings, CASEWORK, AGENCY, health, lambda m: given.agencies.apply(m.key, m.event)),
        **upkeep(database, health, given.surges, given.region),
        **photo_workers(settings, database, given.photos, health),
    }


def handle(terms: Policy, connection: Connection, batch: Sequence[Received], *, region: Region = NATION) -> None:
    """Read what is known of the batch's reports, decide what it changes, write it. Raises Unusable."""
    upsert_words(connection, [m.event for m in batch if isinstance(m.event, ReportContent | FollowUpWords)])
    upsert_erasures(connection, [erased for m in batch if m.event is None and (erased := as_report_id(m.key))])
    arrivals = [
        arrival(message.envelope, message.topic)
        for message in batch
        if message.envelope and isinstance(message.event, ReportSubmission | Routing | FollowUp | ReferralAnswer)
    ]
    clocks = [message.event for message in batch if isinstance(message.event, ClockEvent)]
    received = handed_to(region, batch)
    known = lock_known_state(connection, arrivals, clocks, received, terms, region)
    cases = dict(known.cases)
    if arrivals or received:
        decided = effects(known, arrivals, outbox.event_time(connection), terms, region)
        write(connection, decided, region)
        cases |= {opening.after.report_id: opening.after for opening in decided.openings}
    upsert_clocks(connection, clocks, cases)


def write(connection: Connection, decided: Effects, region: Region = NATION) -> None:
    """Write what a batch changes. The store of cases appends their events to the outbox, for officers as for us."""
    update_reports(connection, decided.reports)
    upsert_follow_ups(connection, decided.follow_ups)
    insert_cases(connection, decided.openings)
    update_cases(connection, decided.transitions)
    insert_remarks(connection, decided.remarks)
    update_marks(connection, decided.marked)
    update_responsible_agencies(connection, decided.responsible_agencies)
    outbox.append(connection, upsert_erasures(connection, decided.erasures))
    for away in decided.leaving:
        insert_hand_over(connection, away, region.plan.answering(away.event.owner.garrison, away.event.submitted_at))
    connection.after_commit(DUPLICATES.labels(CASEWORK).inc, decided.repeats)
