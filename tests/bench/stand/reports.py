"""Reports as citizens would send them: where people live, of the categories that are most frequent, with words."""

import ipaddress
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

import msgspec
from contracts.envelope import Outgoing
from deploy.demo.plan import OFF_THE_MAP, Planned, plan
from intake.domain.events import message_of, report_content, report_submitted
from intake.domain.forms import ReportForm

WORDS = "Samochody stoją na chodniku przy szkole, dzieci idą jezdnią. Powtarza się rano, od poniedziałku do piątku, mniej więcej od wpół do ósmej do ósmej."  # noqa: E501
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
# Private addresses, so that no address of a person is ever played; enough that none comes twice in an hour.
_ADDRESSES = ipaddress.ip_network("10.0.0.0/8")
_PLANNED = 2_000


@dataclass(frozen=True, slots=True)
class Posted:
    """One report as a request: its body, the key that makes it repeatable, the address it comes from."""

    body: bytes
    key: str
    address: str


@cache
def _planned() -> Sequence[Planned]:
    return plan(_PLANNED + len(OFF_THE_MAP), seed=1)[:_PLANNED]  # the last of a plan lie off the map


def forms(count: int, seed: int) -> Iterator[dict[str, object]]:
    """So many forms, each at a place of its own some hundred metres from where people live."""
    chance = random.Random(seed)
    for number in range(count):
        planned = _planned()[number % len(_planned())]
        yield {
            "category": planned.category,
            "longitude": round(planned.longitude + chance.gauss(0, 0.003), 6),
            "latitude": round(planned.latitude + chance.gauss(0, 0.002), 6),
            "description": WORDS,
        }


def posts(count: int, seed: int, *, contacts: float = 0.0) -> Iterator[Posted]:
    """The same as requests, each from another address and a share of them with a contact."""
    chance = random.Random(seed)
    addresses = _ADDRESSES.num_addresses - 2
    for number, form in enumerate(forms(count, seed)):
        if chance.random() < contacts:
            form["contact"] = {"email": f"reporter{seed}.{number}@citizens.example"}
        body = json.dumps(form, ensure_ascii=False).encode()
        key = f"{seed}-{number}-{chance.getrandbits(128):032x}"
        yield Posted(body, key, str(_ADDRESSES[1 + (seed * 104_729 + number) % addresses]))


def messages(count: int, seed: int, at: datetime) -> Iterator[list[Outgoing]]:
    """The same as intake writes them: the words, then the report, submitted at an instant."""
    chance = random.Random(f"messages/{seed}")
    for fields in forms(count, seed):
        form = msgspec.convert(fields, ReportForm)
        report_id = UUID(int=chance.getrandbits(128), version=4)
        report = report_submitted(form, report_id, f"{chance.getrandbits(128):032x}", at)
        content = report_content(form, report_id)
        yield [message_of(event, at, TRACE, at) for event in (content, report) if event]


def submissions(count: int, seed: int, at: datetime) -> list[Outgoing]:
    """Of the same the reports alone, without their words."""
    return [of_report[-1] for of_report in messages(count, seed, at)]
