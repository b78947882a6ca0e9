"""One import from file to topic: read, merge, check, compare, publish; or refuse with a list and change nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from contracts.districts import District, DistrictSet

from boundaries import changes, checking, merging, reading, running, units


@dataclass(frozen=True)
class Order:
    """What the operator asks for."""

    file: Path
    level: str = "beat"
    garrison: str | None = None
    crs: str | None = None
    chosen: str | None = None
    tolerance_m2: float = checking.TOLERANCE_M2


@dataclass(frozen=True)
class Plan:
    """A file that passed every check: the sets it makes, and what to tell the operator."""

    sets: list[list[District]]
    lines: list[str]


def plan(order: Order, known: running.Known, version: str) -> Plan:
    """The new sets of all garrisons the file touches. Raises Refused with every fault."""
    if order.garrison is not None and (wrong := units.unknown_garrisons([order.garrison])):
        raise reading.Refused([f"{wrong[0]}: no garrison; they are {', '.join(units.garrisons())}"])
    features = reading.read(order.file, order.crs, order.chosen)
    now = known.running()
    proposals, faults = merging.propose(features, order.level, now, version, order.garrison)
    lines: list[str] = []
    after = {**now, **{proposal.garrison: proposal.districts for proposal in proposals}}
    leaves = {garrison: checking.shapes_in_metres(districts) for garrison, districts in after.items()}
    for proposal in proposals:
        before = now.get(proposal.garrison, [])
        others = {garrison: shapes for garrison, shapes in leaves.items() if garrison != proposal.garrison}
        verdict = checking.check(proposal, before, others, order.tolerance_m2)
        faults += verdict.faults
        faults += _clock_fault(known, proposal.garrison, version)
        if not verdict.faults:
            lines += verdict.notes
            lines += changes.describe(proposal.garrison, changes.compare(before, proposal.districts))
    if faults:
        raise reading.Refused(faults)
    return Plan([proposal.districts for proposal in proposals], lines)


def _clock_fault(known: running.Known, garrison: str, version: str) -> list[str]:
    """Versions sort by time; one that sorts before the running one would look old for ever."""
    current = known.sets.get(garrison)
    if current is None or current.version < version:
        return []
    return [f"{garrison}: version {current.version} runs, newer than {version}: is this machine's clock right?"]


def execute(log: running.DistrictLog, plan: Plan, at: datetime, valid_from: datetime) -> list[DistrictSet]:
    """Publishes the sets one garrison after another, each whole before its `current`; then reads them back."""
    done = [running.publish_set(log, districts, at, valid_from) for districts in plan.sets]
    now = running.read_known(log)
    in_force = now.running()
    lost = [each.garrison for each in done if each.garrison not in in_force or now.sets[each.garrison] != each]
    if lost:
        raise running.LogError(f"published, but not in force: {', '.join(lost)}; was another import running?")
    return done


def moment_fault(valid_from: datetime, at: datetime) -> Sequence[str]:
    """The topic keeps one announcement per garrison: a reader started before a date ahead would have no set at all."""
    if valid_from <= at:
        return []
    return [f"--valid-from {valid_from.isoformat()} lies ahead: import the file when that time has come"]
