"""Which of what is read an instance tells officers and agencies of, and which it reads at all.

The nation's reads everything, because it alone writes to citizens, wherever their report is; a region's reads what it
tells of (docs/decisions/0100).
"""

from contracts.envelope import Envelope
from contracts.events.cases import CaseChange
from contracts.events.clocks import ClockEvent
from contracts.events.duty.rosters import RosterChanged
from contracts.events.duty.surges import SurgeEvent
from contracts.events.routing import Routing
from contracts.policy.regions import Region
from contracts.topics import SLA_MONITOR


def is_told_here(region: Region, envelope: Envelope) -> bool:
    """Whether officers and agencies hear of an event from this instance; of a clock, where its own monitor says it."""
    match envelope.data:
        case _ if not region.plan.change:
            return True
        case ClockEvent():
            return region.is_said_here(envelope.source, SLA_MONITOR)
        case Routing() | CaseChange() as event:
            return region.answers_for(event.owner.garrison, event.submitted_at)
        case SurgeEvent() as event:
            return region.answers_for(event.owner.garrison, event.raised_at)
        case _:
            return region.is_national


def concerns(region: Region, envelope: Envelope | None) -> bool:
    """Whether a message is to be read. What is said of contacts, and by citizens, is for the nation's alone."""
    if region.is_national:
        return True
    return envelope is not None and (isinstance(envelope.data, RosterChanged) or is_told_here(region, envelope))
