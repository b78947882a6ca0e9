"""The notifier: hears of reports, cases and clocks; tells people and agencies, and keeps a ledger of every delivery.

In: submitted reports, contacts, follow-ups, routings, case changes, clocks. Out: mail, webhooks, log lines, referrals
on the agencies' topics, the fate of each notice, tombstones of erased contacts.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from chassis import outbox
from chassis.health import Health
from chassis.http import create_api
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.outbox import Relay
from chassis.postgres import Connection, Database, database_time, require_migrated
from chassis.run import Worker, every, run
from chassis.settings import load
from chassis.telemetry import DUPLICATES, configure_logs
from contracts.cases import CaseReferred
from contracts.envelope import Envelope, Unusable, encode
from contracts.notices import Channel
from contracts.reports import ErasureRequested, as_report_id
from contracts.terms import Policy, policy
from contracts.topics import (
    CASE_CHANGED,
    CLOCK,
    CONTACT,
    FOLLOW_UP,
    NOTIFIER,
    REFERRALS,
    REPORT_ROUTED,
    REPORT_SUBMITTED,
)
from fastapi import FastAPI

from notifier import citizens, deliveries, domain, sender, store
from notifier.directory import Directory
from notifier.notices import Addressed
from notifier.reports import Report, erased, learn, owed
from notifier.settings import Settings

TOPICS = (REPORT_SUBMITTED, CONTACT, FOLLOW_UP, REPORT_ROUTED, CASE_CHANGED, CLOCK)
# A slow webhook must not keep mail waiting, nor one slow mailbox all others.
SENDERS = {Channel.EMAIL: 3, Channel.WEBHOOK: 2, Channel.LOG: 1}


def main() -> None:
    settings = load(Settings, NOTIFIER)
    configure_logs(NOTIFIER, settings.log_level)
    database = Database(settings.postgres_dsn.get_secret_value(), size=8)
    require_migrated(database, "notifier")
    health = Health("consumer")
    run(api(settings, database, health), settings.url, workers(settings, database, health))


def workers(settings: Settings, database: Database, health: Health) -> dict[str, Worker]:
    """Everything that moves by itself."""
    rules = Rules(policy(settings.terms_file), settings.people, settings.confirm_within)
    storing = Storing(settings, NOTIFIER, database, partial(handle, rules))
    senders = {
        f"{channel}-{number}": sender.Sender(
            settings, database, channel, random.random, partial(health.beat, f"{channel}-{number}")
        )
        for channel, count in SENDERS.items()
        for number in range(count)
    }
    return {
        "consumer": Loop(settings, NOTIFIER, TOPICS, storing, health),
        "relay": Relay(settings, NOTIFIER, database, health),
        "gather": every(0.2, "gather", health, partial(gather, database)),
        "tidy": every(1.0, "tidy", health, partial(tidy, settings, database)),
        **senders,
    }


def api(settings: Settings, database: Database, health: Health) -> FastAPI:
    """Health, metrics, and the page behind the link in a citizen's mail."""
    served = create_api("KMZB notifier", __doc__ or "", health, documented=False)
    served.include_router(citizens.routes(database, settings.link_key, settings.confirm_within))
    return served


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides beside the events: terms, directory, and how long an address may wait for its yes."""

    policy: Policy
    directory: Directory
    confirm_within: timedelta


def handle(rules: Rules, connection: Connection, batch: Sequence[Received]) -> None:
    """What a batch of events tells: known of reports, entered in the ledger, passed on, taken back, erased."""
    known = store.reports(connection, [_report_id(each) for each in batch])
    now = database_time(connection)

    learned = understand(rules, known, batch)
    told = list(addressed(rules, learned, batch, now))

    store.save(connection, [report for report_id, report in learned.items() if report != known[report_id]])
    entered = store.enter(connection, told)
    # What is owed to a citizen is offered again with every event, so only what an event itself tells can be a repeat.
    DUPLICATES.labels(NOTIFIER).inc(sum(each.notice.recipient is not None and each.id not in entered for each in told))
    pass_on(rules, connection, batch, [each for each in told if each.id in entered], now)
    taken_back = [each for each in map(domain.withdrawal, envelopes(batch)) if each]
    store.enter(connection, store.withdraw(connection, taken_back, now))
    forget(connection, batch)


def understand(rules: Rules, known: dict[UUID, Report], batch: Sequence[Received]) -> dict[UUID, Report]:
    """What is known after the batch. Raises Unusable for an event from before the first terms."""
    learned = dict(known)
    for each in batch:
        report = learned[_report_id(each)]
        try:
            changed = learn(report, each.envelope, rules.policy) if each.envelope else erased(report)
        except LookupError as wrong:
            raise Unusable("terms", str(wrong)) from wrong
        learned[report.report_id] = changed
    return learned


def addressed(
    rules: Rules, learned: dict[UUID, Report], batch: Sequence[Received], now: datetime
) -> Iterator[Addressed]:
    """Who should be told because of the batch, by which channel and when; much of it may be in the ledger already."""
    for envelope in envelopes(batch):
        for notice in domain.notices(envelope, rules.policy):
            if notice.recipient is not None:
                entry = rules.directory.entry(notice.audience, notice.recipient)
                for channel in rules.directory.channels(notice.audience, notice.recipient):
                    yield Addressed(notice, channel, entry.due_at(now, notice.digest))
    for report in learned.values():
        for notice in owed(report, now, rules.confirm_within):
            yield Addressed(notice, Channel.EMAIL, now)


def pass_on(
    rules: Rules, connection: Connection, batch: Sequence[Received], entered: Sequence[Addressed], now: datetime
) -> None:
    """Put new referrals on the agencies' topics: written with this transaction, so delivered with it."""
    referred = {envelope.id: envelope for envelope in envelopes(batch)}
    on_topics = [each for each in entered if each.channel is Channel.TOPIC]
    store.record_sent(connection, on_topics)
    for each in on_topics:
        envelope = referred[each.notice.cause]
        assert isinstance(envelope.data, CaseReferred)
        referral = domain.referral(envelope.data, rules.policy)
        topic = REFERRALS[referral.agency]
        made = encode(referral, source=NOTIFIER, at=referral.referred_at, cause=envelope, topic=topic)
        outbox.append(connection, [made, *sender.told_on_topic(each, now)])


def forget(connection: Connection, batch: Sequence[Received]) -> None:
    """Erase the contacts whose citizens ask for it; write to none whose contact is gone from the topic."""
    citizens.erase(connection, [_report_id(each) for each in batch if isinstance(each.event, ErasureRequested)])
    gone = [_report_id(each) for each in batch if each.envelope is None]
    if gone:
        store.drop_citizens(connection, gone)


def envelopes(batch: Sequence[Received]) -> list[Envelope]:
    """The events of a batch; tombstones have none."""
    return [each.envelope for each in batch if each.envelope]


def gather(database: Database) -> None:
    """Make messages of the notices whose time has come."""
    with database.transaction() as connection:
        deliveries.gather(connection)


def tidy(settings: Settings, database: Database) -> None:
    """Take up what a dead process left, erase contacts that have served, and measure what waits."""
    with database.transaction() as connection:
        sender.recover(connection, settings, random.random)
        citizens.erase(connection, store.finished_contacts(connection, settings.confirm_within))
        sender.measure(deliveries.waiting(connection))


def _report_id(each: Received) -> UUID:
    """The report an event is about. Raises Unusable for a key that is no report's."""
    report_id = as_report_id(each.key)
    if report_id is None:
        raise Unusable("key", "the key is no report's id")
    return report_id
