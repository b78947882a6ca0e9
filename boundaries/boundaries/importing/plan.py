"""One import from file to topic: read, merge, check, compare, publish; or refuse with a list and change nothing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import shapely
from contracts.events.districts import District, DistrictSet

from boundaries import seed
from boundaries.areas import units
from boundaries.importing import checking, differences, merging, reading, territory
from boundaries.importing.document import Refused
from boundaries.published import DistrictTopic, Published, TopicError, publish_set, read_published, set_messages


@dataclass(frozen=True)
class ImportRequest:
    """What the operator asks for: the file, how to read it, and what is meant though it looks like a mistake.

    `tolerance_m2` is how much overlap is let pass. `allow_losses`: units may lose ground; `allow_moves`: districts may
    lie elsewhere than their code is known to.
    """

    file: Path
    level: str = "beat"
    garrison: str | None = None
    crs: str | None = None
    chosen: str | None = None
    tolerance_m2: float = checking.TOLERANCE_M2
    allow_losses: bool = False
    allow_moves: bool = False


@dataclass(frozen=True)
class ImportPlan:
    """A file that passed every check: the sets it makes, and what to tell the operator."""

    sets: list[list[District]]
    lines: list[str]


def import_plan(request: ImportRequest, published: Published, version: str) -> ImportPlan:
    """The new sets of all garrisons the file touches, all of this version. Raises Refused with every fault."""
    if request.garrison is not None and (wrong := units.unknown_garrisons([request.garrison])):
        raise Refused([f"{wrong[0]}: no garrison; they are {', '.join(units.garrisons())}"])
    if not 0 <= request.tolerance_m2 < math.inf:
        raise Refused([f"the tolerance is an area in m2, {request.tolerance_m2} is none"])
    if request.level not in merging.LEVELS:
        raise Refused([f"level {request.level!r} is none of {', '.join(merging.LEVELS)}"])
    features = reading.read(request.file, request.crs, request.chosen)
    try:
        return _checked(request, features, published, version)
    except shapely.errors.ShapelyError as wrong:
        raise Refused([f"{request.file.name}: its geometry can't be reckoned with: {wrong}"]) from wrong


def _checked(
    request: ImportRequest, features: Sequence[reading.Feature], published: Published, version: str
) -> ImportPlan:
    """Merge, check and compare. Raises Refused, and ShapelyError where the geometry library gives up."""
    current = published.current()
    proposed, faults = merging.proposals(features, request.level, current, version, request.garrison)
    lines: list[str] = []
    after = {**current, **{proposal.garrison: proposal.districts for proposal in proposed}}
    leaves = {garrison: checking.shapes_in_metres(districts) for garrison, districts in after.items()}
    for proposal in proposed:
        base = current.get(proposal.garrison) or seed.default_districts(proposal.garrison, version)
        others = {garrison: shapes for garrison, shapes in leaves.items() if garrison != proposal.garrison}
        verdict = checking.verdict(proposal, current.get(proposal.garrison, []), others, request.tolerance_m2)
        faults += verdict.faults
        faults += _clock_faults(published, proposal.garrison, version)
        faults += _territory_faults(request, proposal, base, leaves, sound=not verdict.faults)
        if not verdict.faults:
            lines += verdict.notes
            found = differences.differences(current.get(proposal.garrison, []), proposal.districts)
            lines += differences.described(proposal.garrison, found)
    if faults:
        raise Refused(faults)
    return ImportPlan([proposal.districts for proposal in proposed], lines)


def _territory_faults(
    request: ImportRequest,
    proposal: merging.Proposal,
    base: Sequence[District],
    leaves: Mapping[str, checking.Leaves],
    *,
    sound: bool,
) -> list[str]:
    """What is lost is reckoned for a `sound` set only: what overlaps is lost by somebody anyway."""
    mine, before = leaves[proposal.garrison], checking.shapes_in_metres(base)
    others = {garrison: shapes for garrison, shapes in leaves.items() if garrison != proposal.garrison}
    moved = [] if request.allow_moves else territory.moved_faults(proposal, mine, base, before)
    lost = [] if request.allow_losses or not sound else territory.loss_faults(proposal, mine, base, before, others)
    return moved + lost


def _clock_faults(published: Published, garrison: str, version: str) -> list[str]:
    """Versions sort by time; one that sorts before the current one would look old for ever."""
    current = published.sets.get(garrison)
    if current is None or current.version < version:
        return []
    return [f"{garrison}: version {current.version} is current, newer than {version}: is this machine's clock right?"]


def publish(topic: DistrictTopic, plan: ImportPlan, at: datetime, valid_from: datetime) -> list[DistrictSet]:
    """Publish the sets one garrison after another, each whole before its `current`; then read them back.

    Raises Refused, before the first of them, for what readers would not take; TopicError, also when another import took
    the place of one of them meanwhile.
    """
    try:
        for districts in plan.sets:
            set_messages(districts, at, valid_from)
    except ValueError as wrong:
        raise Refused([str(wrong)]) from wrong
    done = [publish_set(topic, districts, at, valid_from) for districts in plan.sets]
    published = read_published(topic)
    current = published.current()
    lost = [
        announced.garrison
        for announced in done
        if announced.garrison not in current or published.sets[announced.garrison] != announced
    ]
    if lost:
        raise TopicError(f"published, but not current: {', '.join(lost)}; was another import running?")
    return done


def valid_from_faults(valid_from: datetime, at: datetime) -> Sequence[str]:
    """The topic keeps one announcement per garrison: a reader started before a date ahead would have no set at all."""
    if valid_from <= at:
        return []
    return [f"--valid-from {valid_from.isoformat()} lies ahead: import the file when that time has come"]
