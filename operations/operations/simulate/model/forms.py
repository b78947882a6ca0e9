"""What is filled in: the body of a report and the address it comes from, as intake's public API takes them. Pure."""

import ipaddress
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from contracts.events.reports import TimeOfDay
from contracts.policy.categories import category as category_of
from contracts.policy.terms import WARSAW

from operations.simulate.model import figures
from operations.simulate.model.arrivals import Arrival, Kind

SENDERS = ipaddress.IPv6Network("2001:db8::/32")
"""Set aside for documentation (RFC 3849), so that no address of a person is ever played. A sender is a /64 of it."""
_KEYS = UUID("6f6f6a0e-5a0c-5a3f-9d7e-2b1f0c9a4d18")
_WORDS = (
    "Powtarza się od kilku tygodni.",
    "Najczęściej po południu, w pobliżu jest szkoła i przejście dla pieszych.",
    "Zgłaszane już kilka razy, nadal bez zmian. Proszę o sprawdzenie na miejscu także wieczorem i w weekend.",
    "Trudno przejść z wózkiem, trzeba wychodzić na jezdnię.",
    "Widać z daleka od strony głównej drogi; dojazd drogą gruntową za mostem, potem około 200 m w lewo.",
)
_PLAYED = "To zgłoszenie pochodzi z symulacji."
_JOKE = "hahaha"


def body(arrival: Arrival, seed: int, at: datetime) -> dict[str, Any]:
    """The report as JSON. `at` is the real time of sending, of which `occurred_at` is some hours short."""
    chance = random.Random(f"form/{seed}/{arrival.number}")
    filled: dict[str, Any] = {
        "category": arrival.category,
        "longitude": arrival.longitude,
        "latitude": arrival.latitude,
    }
    known = category_of(arrival.category)
    if arrival.kind is Kind.JOKE:
        return filled | ({"description": _JOKE} if known and known.description else {})
    if (known and known.description) or chance.random() < figures.WITH_WORDS:
        filled["description"] = f"{chance.choice(_WORDS)} {_PLAYED}"
    if chance.random() < figures.WITH_TIME_OF_DAY:
        filled["time_of_day"] = _time_of_day(arrival.at.astimezone(WARSAW).hour)
        filled["weekdays"] = sorted(chance.sample(range(1, 8), chance.randint(1, 5)))
    if chance.random() < figures.WITH_OCCURRED_AT:
        filled["occurred_at"] = (at - timedelta(hours=chance.expovariate(0.25) % 600)).isoformat()
    if chance.random() < figures.WITH_CONTACT:
        filled["contact"] = {"email": f"reporter{arrival.number}@citizens.example"}
    if chance.random() < figures.IN_ENGLISH:
        filled["language"] = "en"
    return filled


def headers(arrival: Arrival, run: int) -> Mapping[str, str]:
    """The key of the report, and the address it comes from.

    `run` (32 bits) tells runs apart: the same year can be played again, and nothing in it counts as a repeat.
    """
    sender = int(SENDERS.network_address) + ((((run + arrival.sender) % 2**32) << 64) | 1)
    return {
        "Idempotency-Key": str(uuid5(_KEYS, f"{run:08x}/{arrival.number}")),
        "X-Forwarded-For": str(ipaddress.IPv6Address(sender)),
    }


def _time_of_day(hour: int) -> TimeOfDay:
    if 6 <= hour < 12:
        return TimeOfDay.MORNING
    if 12 <= hour < 18:
        return TimeOfDay.AFTERNOON
    return TimeOfDay.EVENING if 18 <= hour < 22 else TimeOfDay.NIGHT
