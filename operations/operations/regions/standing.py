"""Whether every instance that the regions' file divides garrisons among runs, and goes by that very file.

An instance reads it at its start. Until all of those have read a new line, two of them may think a report theirs once
the line's instant has come, or none (docs/decisions/0100).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from chassis.settings import Settings
from contracts.policy.regions import NATIONAL, Plan, Region
from deploy.access.rules import IN_REGIONS

from operations.consumption.groups import client_names


class Runs(StrEnum):
    """How a member was found in its group."""

    AS_WRITTEN = "runs by this file"
    OTHERWISE = "runs by another file: give it this one and restart it"
    NOT = "does not run: start it with this file"


@dataclass(frozen=True, slots=True)
class Standing:
    """One member of an instance."""

    instance: str
    member: str
    runs: Runs


def standings(settings: Settings, plan: Plan) -> list[Standing]:
    """Every member that answers for garrisons by a plan, the nation's first. Raises KafkaException."""
    regions = [Region(plan, instance) for instance in (NATIONAL, *plan.instances)]
    return [
        Standing(region.instance, member, _how(client_names(settings, member), region.reader(member)))
        for region in regions
        for member in map(region.member, IN_REGIONS)
    ]


def _how(found: Sequence[str], wanted: str) -> Runs:
    if not found:
        return Runs.NOT
    return Runs.AS_WRITTEN if {*found} == {wanted} else Runs.OTHERWISE
