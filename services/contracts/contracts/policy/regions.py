"""Regions: which instance of casework, SLA monitor and notifier answers for a garrison, and since when.

Data with effective dates, in one file that every instance is given; without one the nation's instances answer for all.
The answer follows from what a report says, its garrison and when it was sent, so that every reader comes to the same
at whatever time (docs/decisions/0100).

    [[change]]
    garrison = "WRO"
    instance = "wroclaw"                    # or "national", to give it back
    from = 2026-12-01T00:00:00+01:00        # for reports sent from then on
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.base import HEADQUARTERS, Code, Instant

NATIONAL = "national"
INSTANCE = r"^[a-z][a-z0-9-]{0,29}$"
"""The pattern of an instance's name, which is part of the names of its consumer groups."""


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """From an instant on, an instance answers for a garrison's reports."""

    garrison: Code
    instance: Annotated[str, Meta(pattern=INSTANCE)]
    since: Instant


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """Who answered for which garrison from when on."""

    change: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        if any(change.garrison == HEADQUARTERS.garrison for change in self.change):
            raise ValueError(f"{HEADQUARTERS.garrison} is always the {NATIONAL} instance's: leave it out")
        for garrison, changes in self._by_garrison.items():
            if len({change.since for change in changes}) < len(changes):
                raise ValueError(f"two changes of {garrison} have the same `from`")

    @property
    def instances(self) -> list[str]:
        """Every instance it names beside the nation's."""
        return sorted({change.instance for change in self.change} - {NATIONAL})

    @cached_property
    def digest(self) -> str:
        """What tells it from other plans, however its file is written."""
        lines = sorted((each.garrison, each.since.timestamp(), each.instance) for each in self.change)
        return sha256(msgspec.json.encode(lines)).hexdigest()[:8]

    def answering(self, garrison: str, submitted_at: datetime) -> str:
        """The instance that answers for a garrison's report, by when it was sent."""
        changes = self._by_garrison.get(garrison, ())
        return next((change.instance for change in changes if change.since <= submitted_at), NATIONAL)

    @cached_property
    def _by_garrison(self) -> Mapping[str, tuple[Change, ...]]:
        """The newest first."""
        newest = sorted(self.change, key=lambda change: change.since, reverse=True)
        return {
            garrison: tuple(change for change in newest if change.garrison == garrison)
            for garrison in {change.garrison for change in newest}
        }


@dataclass(frozen=True, slots=True)
class Region:
    """What one instance answers for."""

    plan: Plan = field(default_factory=Plan)
    instance: str = NATIONAL

    @property
    def is_national(self) -> bool:
        """Whether it answers for whatever no line of the plan gives away: headquarters, what nobody has routed yet."""
        return self.instance == NATIONAL

    def answers_for(self, garrison: str, submitted_at: datetime) -> bool:
        """Whether a garrison's report is this instance's, by when it was sent."""
        return self.plan.answering(garrison, submitted_at) == self.instance

    def member(self, service: str) -> str:
        """What this instance of a service is called: its consumer group, the source of what it says."""
        return service if self.is_national else f"{service}.{self.instance}"

    def reader(self, member: str) -> str:
        """How a member is known in its group: with the plan it goes by, so that operators see who goes by another."""
        return f"{member}@{self.plan.digest}" if self.plan.change else member

    def is_said_here(self, source: str, service: str) -> bool:
        """Whether an event's source is this instance's own `service`."""
        return source.rpartition("/")[2] == self.member(service)


NATION = Region()
"""The one instance of a system without regions: it answers for everybody."""


def regions(path: Path | None = None) -> Plan:
    """The plan from a file; without one an empty plan.

    Raises OSError, tomllib.TOMLDecodeError, msgspec.ValidationError.
    """
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Plan) if path else Plan()


def region(path: Path | None, instance: str) -> Region:
    """What an instance answers for. Raises ValueError for one that the file does not name, and as `regions`."""
    plan = regions(path)
    if instance != NATIONAL and instance not in plan.instances:
        named = ", ".join([*plan.instances, NATIONAL])
        raise ValueError(f"KMZB_INSTANCE={instance}: KMZB_REGIONS_FILE names no such instance; there are {named}")
    return Region(plan, instance)
