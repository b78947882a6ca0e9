"""Counters that rise inside a transaction count what was committed, and nothing that was rolled back."""

from contextlib import suppress

from casework.app import handle
from chassis.postgres import Database
from contracts.policy.terms import policy
from contracts.topics import CASEWORK
from prometheus_client import REGISTRY
from support.casework.openings import routed, submitted, supported
from support.events import received


class NotThisTimeError(Exception):
    """What ends a transaction before its commit."""


def changes(change: str) -> float:
    """Changes of one kind counted so far."""
    labels = {"change": change, "garrison": "OPO"}
    return REGISTRY.get_sample_value("kmzb_casework_changes_total", labels) or 0.0


def duplicates() -> float:
    """Repeats counted so far."""
    return REGISTRY.get_sample_value("kmzb_duplicates_total", {"service": CASEWORK}) or 0.0


def test_a_batch_that_is_rolled_back_counts_neither_changes_nor_repeats(service: Database) -> None:
    batch = [received(event) for event in (submitted(), routed(), submitted(), supported(1, "a"), supported(1, "a"))]
    before = changes("CaseOpened"), changes("CaseSupported"), duplicates()
    with suppress(NotThisTimeError), service.transaction() as connection:
        handle(policy(), connection, batch)
        raise NotThisTimeError
    assert (changes("CaseOpened"), changes("CaseSupported"), duplicates()) == before
    with service.transaction() as connection:
        handle(policy(), connection, batch)
    opened, counted, repeats = before
    assert (changes("CaseOpened"), changes("CaseSupported"), duplicates()) == (opened + 1, counted + 1, repeats + 2)
