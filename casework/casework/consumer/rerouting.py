"""Rerouting: where a corrected place turns out to be another unit's, the case is transferred there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from contracts.base import HEADQUARTERS
from contracts.events.cases import Role
from contracts.events.routing import Routing

from casework.consumer.arrivals import Arrival, Outcome, Step
from casework.domain.case import Case, apply
from casework.domain.handovers import transferred
from casework.domain.records import Transition
from casework.domain.rules import Change, allowed_changes


def rerouting_steps(arrivals: Sequence[Arrival], at: datetime) -> list[Step]:
    """A step for each routing of the batch, in its order."""
    return [partial(_rerouted, arrival, at) for arrival in arrivals if isinstance(arrival.event, Routing)]


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
