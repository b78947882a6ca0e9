"""Surges: many reports came within minutes of one place, and the duty officer is called until somebody answers."""

from typing import Literal
from uuid import UUID

from contracts.base import Count, Instant, Latitude, Longitude, Owner, ReportEvent
from contracts.events.cases import Role


class SurgeEvent(ReportEvent, frozen=True, kw_only=True):
    """An alarm: many reports came within minutes of one place (`policy.surges`). It is about the report in its middle.

    `surge_id` tells alarms apart; `owner` is who most of its reports belong to, `reports` how many there are by now,
    submitted from `first_at` to `last_at`.
    """

    surge_id: UUID
    owner: Owner
    longitude: Longitude
    latitude: Latitude
    reports: Count
    first_at: Instant
    last_at: Instant
    raised_at: Instant


class SurgeRaised(SurgeEvent, frozen=True, kw_only=True):
    """The duty officer of the unit is called."""


class SurgeEscalated(SurgeEvent, frozen=True, kw_only=True):
    """Nobody has acknowledged it in time: the next in the chain of command is called."""

    to: Literal["garrison", "headquarters"]
    escalated_at: Instant


class SurgeAcknowledged(SurgeEvent, frozen=True, kw_only=True):
    """Somebody has it in hand, so it goes no further up. Who, casework alone knows."""

    acknowledged_at: Instant
    actor: Role


SURGES = (SurgeRaised, SurgeEscalated, SurgeAcknowledged)
"""Everything that is said of an alarm."""
