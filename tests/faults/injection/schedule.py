"""Which fault happens when: drawn from a seed, so that a run can be repeated. Pure."""

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from deploy.stack.services import SERVICES

SERVERS = ("kafka", "postgres", "redis")
KINDS = {
    "kill": (*SERVICES, *SERVERS),
    "freeze": (*SERVICES, *SERVERS),
    "restart": SERVERS,
    "immediate": ("postgres",),
    "flush": ("redis",),
    "twin": SERVICES,
}
"""Each kind of fault and what it can be done to."""
EXPLAINED = {
    "kill": "SIGKILL; the supervisor starts it again (Redis loses its data)",
    "freeze": "SIGSTOP of all its processes, 1-8 s later SIGCONT",
    "restart": "a polite stop and start: Kafka's controlled one, PostgreSQL's fast one, Redis with its data",
    "immediate": "PostgreSQL's immediate stop, as a crash, and start",
    "flush": "FLUSHALL: Redis forgets everything and runs on",
    "twin": "a second instance for 8-20 s, ended by SIGTERM or SIGKILL",
}
NAMES = tuple(f"{kind}:{target}" for kind, targets in KINDS.items() for target in targets)
# What the deadlines hang on is hurt twice as often as the rest.
_WEIGHTS = {"casework": 2.0, "sla-monitor": 2.0, "kafka": 2.0, "postgres": 2.0}
QUIET_SECONDS = 8.0
"""At the beginning and at the end of a run."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault to inject: `at` and `seconds` count from the beginning of the load, and how long it lasts."""

    number: int
    at: float
    kind: str
    target: str
    seconds: float = 0.0
    brutal: bool = False

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.target}"


def chosen(words: str) -> list[str]:
    """The faults that some comma-separated words name: `kill`, `kafka`, `freeze:postgres`, `all`, `none`.

    Raises ValueError for a word that names none.
    """
    wanted = [word.strip() for word in words.split(",") if word.strip()]
    if wanted == ["none"]:
        return []
    found: set[str] = set()
    for word in wanted:
        matching = {name for name in NAMES if word in (name, "all", *name.split(":"))}
        if not matching:
            raise ValueError(f"{word!r} names no fault; there are {', '.join(NAMES)}")
        found |= matching
    return [name for name in NAMES if name in found]


def draw(names: Collection[str], *, seed: int, seconds: float, every: float) -> Iterator[Fault]:
    """The faults of a run of so many seconds, one every so many on average."""
    chance = random.Random(f"faults/{seed}")
    ordered = [name for name in NAMES if name in names]
    weights = [_WEIGHTS.get(name.partition(":")[2], 1.0) for name in ordered]
    at, number = QUIET_SECONDS, 0
    while ordered:
        at += min(3 * every, max(0.3, chance.expovariate(1 / every)))
        if at > seconds - QUIET_SECONDS:
            return
        kind, _, target = chance.choices(ordered, weights)[0].partition(":")
        number += 1
        yield Fault(number, at, kind, target, _seconds(kind, chance), chance.random() < 0.5)


def _seconds(kind: str, chance: random.Random) -> float:
    ranges = {"freeze": (1.0, 8.0), "twin": (8.0, 20.0)}
    return chance.uniform(*ranges[kind]) if kind in ranges else 0.0
