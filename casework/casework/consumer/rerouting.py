"""Rerouting: where a corrected place turns out to be another unit's, the case is transferred there."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from contracts.base import HEADQUARTERS
from contracts.events.cases import Role
from contracts.events.routing import Routing
from contracts.policy.regions import Region

from casework.consumer.arrivals import Arrival, Outcome, Step
from casework.domain.case import Case, apply
from casework.domain.handovers import transferred
from casework.domain.records import Transition
from casework.domain.rules import Change, allowed_changes


def rerouting_steps(arrivals: Sequence[Arrival], at: datetime, region: Region) -> list[Step]:
    """A step for each routing of the batch that leaves the case in this instance, in its order."""
    return [partial(_rerouted, arrival, at) for arrival in arrivals if not is_led_away(arrival, region)]


def leaving_steps(arrivals: Sequence[Arrival], at: datetime, region: Region, held: Collection[UUID]) -> list[Step]:
    """A step for each that takes it to another one; to be the last of their cases here. `held` are those that other
    cases ended in, which stay, as do those an agency has.
    """
    return [
        partial(_led_away, arrival, at)
        for arrival in arrivals
        if is_led_away(arrival, region) and arrival.report_id not in held
    ]


def is_led_away(arrival: Arrival, region: Region) -> bool:
    """Whether the arrival is a corrected place's routing to another instance."""
    routed = arrival.event
    return (
        isinstance(routed, Routing)
        and routed.place_version > 0
        and not region.answers_for(routed.owner.garrison, routed.submitted_at)
    )


def _led_away(arrival: Arrival, at: datetime, cases: Mapping[UUID, Case]) -> Outcome | None:
    case = cases.get(arrival.report_id)
    return None if case is None or case.referral_id else _rerouted(arrival, at, cases)


def _rerouted(arrival: Arrival, at: datetime, cases: Mapping[UUID, Case]) -> Outcome | None:
    """Only the routing of the newest correction counts, and only while nobody has transferred the case since."""
    routed, case = arrival.event, cases.get(arrival.report_id)
    if not isinstance(routed, Routing) or case is None or routed.place_version != case.place_pending:
        return None
    if routed.owner == HEADQUARTERS:  # nobody was found: whoever has the case keeps it
        return None
    if Change.TRANSFER not in allowed_changes(case, Role.SYSTEM) or routed.owner == case.owner:
        return None
    event = transferred(case, Role.SYSTEM, at, to=routed.owner)
    after = apply(case, event)
    return Outcome(after, Transition(event=event, after=after, cause=arrival.envelope))
