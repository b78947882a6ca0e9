"""What is known when a batch is read, all of it locked; cases that other instances handed over are taken in first."""

from collections.abc import Sequence

from chassis.kafka.messages import Received
from chassis.postgres import Connection
from contracts.events.clocks import ClockEvent
from contracts.events.regions.handovers import CaseHandedOver
from contracts.policy.regions import NATION, Region
from contracts.policy.terms import Policy

from casework.consumer.answers import answers_read, referrals_answered
from casework.consumer.arrivals import Arrival, KnownState
from casework.consumer.follow_ups import follow_up_keys
from casework.consumer.openings import numbers_needed
from casework.consumer.rerouting import is_led_away
from casework.store.cases import lock_cases_and_survivors
from casework.store.follow_ups import read_follow_ups
from casework.store.history import list_recorded
from casework.store.referrals import read_agencies_asked
from casework.store.regions.handing import list_absorbing
from casework.store.regions.receiving import upsert_received
from casework.store.reports import NATIONAL_DIGITS, REGIONAL_DIGITS, claim_case_numbers, lock_reports


def handed_to(region: Region, batch: Sequence[Received]) -> list[CaseHandedOver]:
    """The cases among a batch that are handed over to this instance."""
    events = [message.event for message in batch if isinstance(message.event, CaseHandedOver)]
    return [event for event in events if event.to == region.instance]


def lock_known_state(
    connection: Connection,
    arrivals: Sequence[Arrival],
    clocks: Sequence[ClockEvent],
    received: Sequence[CaseHandedOver],
    terms: Policy,
    region: Region = NATION,
) -> KnownState:
    """What is known of a batch's reports, all locked, as are all its cases; makes rows of new ones and of cases that
    were `received`, claims numbers.
    """
    report_ids = sorted({each.report_id for each in arrivals} | {event.report_id for event in received})
    reports = lock_reports(connection, report_ids)
    upsert_received(connection, received, terms)
    cases = lock_cases_and_survivors(connection, {*report_ids, *(clock.report_id for clock in clocks)})
    led_away = {arrival.report_id for arrival in arrivals if is_led_away(arrival, region)}
    digits = NATIONAL_DIGITS if region.is_national else REGIONAL_DIGITS
    return KnownState(
        reports=reports,
        cases=cases,
        follow_ups=read_follow_ups(connection, report_ids, follow_up_keys(arrivals)),
        referrals=read_agencies_asked(connection, referrals_answered(arrivals)),
        recorded=list_recorded(connection, answers_read(arrivals)),
        numbers=claim_case_numbers(connection, numbers_needed(reports, cases, arrivals, region), digits=digits),
        absorbing=list_absorbing(connection, led_away & cases.keys()),
    )
