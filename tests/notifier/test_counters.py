"""Counters that rise inside a transaction count what was committed, and nothing that was rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from chassis.postgres import Connection, Database
from contracts.events.cases import CaseConfirmed, CaseOpened, CaseReferred, CaseTakenUp
from contracts.events.notices import Channel
from contracts.topics import NOTIFIER
from notifier.app import handle
from notifier.delivery.dispatcher import group_due
from notifier.delivery.results import record_attempts
from notifier.domain.deliveries import AttemptResult, Outcome
from notifier.domain.effects import Configuration
from notifier.store.deliveries import claim_deliveries
from prometheus_client import REGISTRY
from support.agencies import AGENCIES
from support.events import received
from support.histories import Life, terms_in_seconds
from support.notifier.notifying import Service


class NotThisTimeError(Exception):
    """What ends a transaction before its commit."""


@contextmanager
def rolled_back(database: Database) -> Iterator[Connection]:
    """A transaction that does everything but commit."""
    with suppress(NotThisTimeError), database.transaction() as connection:
        yield connection
        raise NotThisTimeError


def duplicates() -> float:
    """Repeats counted so far."""
    return _value("kmzb_duplicates_total", service=NOTIFIER)


def attempts(channel: Channel) -> float:
    """Attempts counted so far that ended with `sent`."""
    return _value("kmzb_notices_total", channel=channel.value, outcome="sent")


def _value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_batch_that_is_rolled_back_counts_neither_repeats_nor_referrals(service: Service) -> None:
    life = Life(1).then(CaseOpened, 1).then(CaseTakenUp, 2).then(CaseConfirmed, 3)
    service.handle(*life.events)
    life.then(CaseReferred, 4)
    configuration = Configuration(
        terms_in_seconds(), service.settings.recipients, AGENCIES, service.settings.confirm_within
    )
    repeats, referrals = duplicates(), attempts(Channel.TOPIC)
    with rolled_back(service.database) as connection:
        handle(configuration, connection, [received(event) for event in life.events])
    assert (duplicates(), attempts(Channel.TOPIC)) == (repeats, referrals)
    service.handle(*life.events)
    assert (duplicates(), attempts(Channel.TOPIC)) == (repeats + 1, referrals + 1)


def test_an_attempt_whose_record_is_rolled_back_is_counted_when_it_is_recorded(service: Service) -> None:
    service.handle(*Life(1).then(CaseOpened, 1, routed=False).events)
    group_due(service.database)
    with service.database.transaction() as connection:
        (claimed,) = claim_deliveries(connection, Channel.EMAIL, service.settings.lease, 1)
    ended = [(claimed.delivery, AttemptResult(Outcome.SENT))]
    before = attempts(Channel.EMAIL)
    with rolled_back(service.database) as connection:
        record_attempts(connection, service.settings, ended, lambda: 0.5)
    assert attempts(Channel.EMAIL) == before
    with service.database.transaction() as connection:
        record_attempts(connection, service.settings, ended, lambda: 0.5)
    assert attempts(Channel.EMAIL) == before + 1
