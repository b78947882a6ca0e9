"""Whether every accepted report arrived everywhere it should: the demonstration's exit code."""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from deploy.demo.citizens import Sending
from deploy.demo.observer import Tally
from deploy.mailbox import messages, text

CASE_NUMBER = re.compile(r"\b[A-Z]{3}-\d{2}-\d{6}-[0-9A-Z]\b")


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


def running_clocks(metrics_url: str) -> int:
    """How many clocks are open and not overdue, by the monitor's own metrics."""
    metrics = httpx.get(f"{metrics_url}/metrics", timeout=5, trust_env=False).text
    return sum(
        int(sample.value)
        for family in text_string_to_metric_families(metrics)
        if family.name == "kmzb_sla_open"
        for sample in family.samples
        if sample.labels["state"] != "overdue"
    )


def mailed_numbers(mail: Path) -> set[str]:
    """The case numbers that stand in any message that arrived."""
    return {number for message in messages(mail) for number in CASE_NUMBER.findall(text(message))}


def answered_receipts(public_map_url: str, receipts: Iterable[str]) -> int:
    """How many receipts the public map answers with the unit that is responsible."""
    with httpx.Client(base_url=public_map_url, timeout=10, trust_env=False) as client, ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda receipt: client.get(f"/v1/receipts/{receipt}"), receipts)
        return sum(answer.is_success and bool(answer.json().get("unit")) for answer in answers)
