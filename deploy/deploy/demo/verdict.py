"""Whether every accepted report arrived everywhere it should: the demonstration's exit code."""

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from deploy.demo.citizens import Sending
from deploy.demo.observer import Tally
from deploy.demo.view import times
from deploy.mailbox import messages, text

CASE_NUMBER = re.compile(r"\b[A-Z]{3}-\d{2}-\d{6}-[0-9A-Z]\b")

Overdue = tuple[str, str]
"""A garrison and the kind of clock that it let pass."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, whether it does, and the figures."""

    what: str
    holds: bool
    figures: str


def checks(sending: Sending, tally: Tally, running: int, mailed: set[str], receipts: int) -> list[Check]:
    """What must hold at the end.

    `running` is how many clocks the SLA monitor says are open and not overdue; `mailed` are the case numbers found
    in the mailbox; `receipts` is how many receipts were answered with the unit's name.
    """
    accepted = set(sending.accepted)
    found = tally.routed.keys() | tally.unroutable
    clocks = tally.started
    unmailed = set(tally.numbers.values()) - mailed
    return [
        Check("every report sent was accepted", not sending.refused, f"{len(accepted)} of {sending.sent}"),
        Check(
            "accepted = on the log = routed = opened",
            accepted == tally.submitted.keys() == found == tally.opened.keys(),
            f"{len(accepted)} = {len(tally.submitted)} = {len(found)} = {len(tally.opened)}",
        ),
        Check(
            "a take-up clock for every report",
            {report for report, clock, _ in clocks if clock == "take-up"} == accepted,
            f"{sum(clock == 'take-up' for _, clock, _ in clocks)} of {len(accepted)}",
        ),
        Check(
            "clocks started = met + missed + running",
            len(clocks) == len(tally.met) + len(tally.missed) + running and not tally.met & tally.missed,
            f"{len(clocks)} = {len(tally.met)} + {len(tally.missed)} + {running}",
        ),
        Check("each case's unit was told by e-mail", not unmailed, f"{len(tally.numbers) - len(unmailed)} cases"),
        Check(
            "each referral is on its agency's topic",
            tally.referrals.keys() == tally.referral_messages,
            f"{len(tally.referral_messages)} of {len(tally.referrals)}",
        ),
        Check("each receipt is answered with the unit", receipts == len(accepted), f"{receipts} of {len(accepted)}"),
        Check("nothing happened twice", not tally.doubled, ", ".join(tally.doubled[:3]) or f"{tally.repeats} repeats"),
        Check("no dead letters", not tally.dead, str(tally.dead)),
    ]


def figures(sending: Sending, tally: Tally) -> list[tuple[str, str]]:
    """The figures of the run, for people."""
    sent = sum(number for (_, _, outcome), number in tally.notices.items() if outcome == "sent")
    return [
        ("reports sent / accepted", f"{sending.sent} / {len(sending.accepted)}"),
        ("routed, in garrisons", f"{len(tally.routed)}, {len(set(tally.routed.values()))}"),
        ("off the map, with headquarters", str(len(tally.unroutable))),
        ("cases opened", str(len(tally.opened))),
        ("clocks started / met / missed", f"{len(tally.started)} / {len(tally.met)} / {len(tally.missed)}"),
        ("warned before the deadline", str(len(tally.warned))),
        (
            "escalated to garrison / headquarters",
            f"{len(tally.escalated['garrison'])} / {len(tally.escalated['headquarters'])}",
        ),
        ("referred to agencies", str(len(tally.referrals))),
        ("notices delivered / not", f"{sent} / {sum(tally.notices.values()) - sent}"),
        *((f"from the button until {what}", times(values)) for what, values in sorted(tally.seconds.items())),
    ]


@dataclass(frozen=True, slots=True)
class ClocksNow:
    """How many clocks are open and not overdue, and of whom some are overdue, by the monitor's own metrics."""

    running: int
    overdue: set[Overdue]


def clocks_now(metrics_url: str) -> ClocksNow:
    """What the SLA monitor says of its clocks."""
    metrics = httpx.get(f"{metrics_url}/metrics", timeout=5, trust_env=False).text
    open_ones = [
        sample
        for family in text_string_to_metric_families(metrics)
        if family.name == "kmzb_sla_open"
        for sample in family.samples
        if sample.value
    ]
    return ClocksNow(
        sum(int(sample.value) for sample in open_ones if sample.labels["state"] != "overdue"),
        {_overdue(sample.labels) for sample in open_ones if sample.labels["state"] == "overdue"},
    )


def overdue_alerts(prometheus_url: str) -> set[Overdue]:
    """Of whose overdue clocks Prometheus alarms now."""
    answer = httpx.get(f"{prometheus_url}/api/v1/alerts", timeout=5, trust_env=False).raise_for_status().json()
    return {
        _overdue(alert["labels"])
        for alert in answer["data"]["alerts"]
        if alert["labels"]["alertname"] == "ClocksOverdue" and alert["state"] == "firing"
    }


def alerted(overdue: set[Overdue], alerts: set[Overdue]) -> Check:
    """Whether each of the overdue clocks, of which there are some in every run, is an alert that fires."""
    figures = f"{len(garrisons(overdue & alerts))} of {len(garrisons(overdue))}"
    return Check("a garrison with overdue clocks is an alert", bool(overdue) and overdue <= alerts, figures)


def garrisons(overdue: set[Overdue]) -> set[str]:
    """Whose clocks they are."""
    return {garrison for garrison, _ in overdue}


def mailed_numbers(mail: Path) -> set[str]:
    """The case numbers that stand in any message that arrived."""
    return {number for message in messages(mail) for number in CASE_NUMBER.findall(text(message))}


def answered_receipts(public_map_url: str, receipts: Iterable[str]) -> int:
    """How many receipts the public map answers with the unit that is responsible."""
    with httpx.Client(base_url=public_map_url, timeout=10, trust_env=False) as client, ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda receipt: client.get(f"/v1/receipts/{receipt}"), receipts)
        return sum(answer.is_success and bool(answer.json().get("unit")) for answer in answers)


def _overdue(labels: Mapping[str, str]) -> Overdue:
    return labels["garrison"], labels["clock"]
