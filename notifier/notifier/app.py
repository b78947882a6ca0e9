"""The notifier: reads of reports, cases and clocks; notifies people and agencies, with a ledger of every delivery.

In: submitted reports, contacts, follow-ups, routings, case changes, clocks, rosters, surges; agencies. Out: mail,
webhooks, log lines, referrals on agencies' topics, what became of each delivery, tombstones of erased contacts, and
what agencies without topics answer.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from chassis.health import Health
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.postgres import Connection, Database, database_time, require_migrated
from chassis.relay import Relay
from chassis.run import Worker, every, run
from chassis.settings import load
from chassis.telemetry import DUPLICATES, configure_logs
from contracts.agencies import Agencies
from contracts.envelope import Unusable
from contracts.events.duty.rosters import RosterChanged
from contracts.events.reports import as_report_id
from contracts.policy.terms import policy
from contracts.topics import (
    CASE_CHANGED,
    CLOCK,
    CONTACT,
    FOLLOW_UP,
    NOTIFIER,
    REPORT_ROUTED,
    REPORT_SUBMITTED,
    ROSTER,
    SURGE,
)
from web.server import serving

from notifier.agencies import await_agencies, follow_agencies
from notifier.api import application
from notifier.contacts.erasures import erase_contacts
from notifier.delivery.bounces.returned import returned_mail
from notifier.delivery.dispatcher import Dispatcher
from notifier.delivery.figures import measure
from notifier.delivery.referrals import publish_referrals
from notifier.delivery.results import recover_abandoned
from notifier.delivery.sender import make_senders
from notifier.delivery.subscriptions.subscribers import Subscribers
from notifier.domain.effects import Arrival, Configuration, Effects, effects, report_ids
from notifier.domain.notices import ScheduledNotice
from notifier.domain.regions.told import concerns
from notifier.domain.withdrawals import corrections
from notifier.settings import Settings
from notifier.store.deliveries import count_unfinished
from notifier.store.notices import (
    insert_notices,
    insert_withdrawn_steps,
    list_informed,
    update_citizen_notices_cancelled,
)
from notifier.store.questions import delete_old_questions
from notifier.store.referrals import upsert_referral_states
from notifier.store.reports import list_finished_contacts, lock_reports_and_followers, update_reports
from notifier.store.rosters import list_on_duty, upsert_rosters

TOPICS = (REPORT_SUBMITTED, CONTACT, FOLLOW_UP, REPORT_ROUTED, CASE_CHANGED, CLOCK, ROSTER, SURGE)


def main() -> None:
    """Run until a signal, or until a worker fails."""
    settings = load(Settings, NOTIFIER)
    configure_logs(NOTIFIER, settings.log_level)
    database = Database(settings.postgres_dsn.get_secret_value(), size=10)
    require_migrated(database, "notifier")
    health, agencies = Health("consumer", "agency"), Agencies()
    served = serving(application(settings, database, agencies, health), settings)
    run({**served, **workers(settings, database, agencies, health)}, health)


def workers(settings: Settings, database: Database, agencies: Agencies, health: Health) -> dict[str, Worker]:
    """Everything that moves by itself."""
    terms, region = policy(settings.terms_file), settings.region
    configuration = Configuration(terms, settings.recipients, agencies, settings.confirm_within, region=region)
    base_suffices = (REPORT_SUBMITTED, REPORT_ROUTED)  # of a case and its clocks it does not say what a notice does
    storing = Storing(settings, NOTIFIER, database, partial(handle, configuration), base_suffices=base_suffices)
    senders = make_senders(settings, database, agencies, health)
    calls = {channel: {sender.woken for sender in of.values()} for channel, of in senders.items()}
    return {
        "consumer": Loop(settings, region.member(NOTIFIER), TOPICS, storing, health),
        "relay": Relay(settings, region.member(NOTIFIER), database, health),
        "agency": partial(follow_agencies, settings, agencies, health),
        "dispatcher": Dispatcher(database, calls, health),
        "housekeeping": every(5.0, "housekeeping", health, partial(keep_house, settings, database)),
        "subscribers": every(5.0, "subscribers", health, Subscribers(settings, database).write_to_due),
        **returned_mail(settings, database, agencies, health),
        **{name: sender for of_channel in senders.values() for name, sender in of_channel.items()},
    }


def handle(configuration: Configuration, connection: Connection, batch: Sequence[Received]) -> None:
    """Read what is known of the reports, decide what the batch changes, write it. Raises Unusable."""
    batch = [message for message in batch if concerns(configuration.region, message.envelope)]
    await_agencies(configuration.agencies, batch)
    upsert_rosters(connection, [message.event for message in batch if isinstance(message.event, RosterChanged)])
    arrivals = [Arrival(_report_id(message), message.envelope) for message in batch if message.topic is not ROSTER]
    known = lock_reports_and_followers(connection, report_ids(arrivals))
    now = database_time(connection)
    configuration = replace(configuration, on_duty=list_on_duty(connection))
    write(connection, effects(configuration, known, arrivals, now), now, configuration.region.member(NOTIFIER))


def write(connection: Connection, decided: Effects, now: datetime, source: str) -> None:
    """Write what a batch changes: reports, ledger, referrals, withdrawals, erasures."""
    update_reports(connection, decided.reports)
    upsert_referral_states(connection, decided.referral_states)
    inserted = insert_notices(connection, decided.notices)
    connection.after_commit(DUPLICATES.labels(NOTIFIER).inc, count_duplicates(decided.notices, inserted))
    publish_referrals(connection, [r for r in decided.referrals if r.notice.id in inserted], now, source)
    insert_withdrawn_steps(connection, decided.withdrawn_steps)
    informed = list_informed(connection, decided.withdrawn_misses)
    insert_notices(connection, corrections(decided.withdrawals, informed, now))

    erase_contacts(connection, decided.erasures_requested)
    update_citizen_notices_cancelled(connection, decided.contacts_removed)


def count_duplicates(notices: Sequence[ScheduledNotice], inserted: set[UUID]) -> int:
    """How many were in the ledger before. A citizen's notice comes with every event, so it is no repeat of one."""
    return sum(scheduled.notice.recipient is not None and scheduled.id not in inserted for scheduled in notices)


def keep_house(settings: Settings, database: Database) -> None:
    """Take up what a dead process left, erase contacts that have served, and measure what waits."""
    with database.transaction() as connection:
        recover_abandoned(connection, settings, random.random)
        erase_contacts(connection, list_finished_contacts(connection, settings.confirm_within))
        delete_old_questions(connection)
        measure(count_unfinished(connection))


def _report_id(message: Received) -> UUID:
    """The report a message is about. Raises Unusable for a key that is no report's."""
    report_id = as_report_id(message.key)
    if report_id is None:
        raise Unusable("key", "the key is no report's id")
    return report_id
