"""How far rosters were counted, and which alarms there are: who was on duty and who has an alarm is on no topic."""

from collections.abc import Iterable
from typing import Any

import msgspec
from chassis.kafka.messages import Received
from chassis.postgres import Connection
from contracts.base import HEADQUARTERS
from contracts.events.duty.rosters import RosterChanged
from contracts.events.duty.surges import SurgeAcknowledged, SurgeEscalated, SurgeEvent
from contracts.policy.regions import Region
from contracts.policy.surges import SurgePolicy, SurgeTerms


def note_duty(connection: Connection, region: Region, said: Iterable[Received], policy: SurgePolicy) -> None:
    """How far the instance's rosters were counted, so that the next change is newer; its alarms, and who has them."""
    for message in said:
        match message.event:
            case RosterChanged() as roster if region.answers_for(roster.garrison, roster.changed_at):
                connection.execute(
                    "insert into duty_desk (garrison, unit, version) values (%s, %s, %s) on conflict (garrison, unit)"
                    " do update set version = greatest(duty_desk.version, excluded.version)",
                    (roster.garrison, roster.unit, roster.version),
                )
            case SurgeEvent() as surge if region.answers_for(surge.owner.garrison, surge.raised_at):
                _note_surge(connection, surge, policy.terms_at(surge.raised_at))


def _note_surge(connection: Connection, surge: SurgeEvent, terms: SurgeTerms) -> None:
    """An alarm as it was left: it goes up when it would have, unless somebody acknowledged it."""
    fields = {name: getattr(surge, name) for name in surge.__struct_fields__}
    connection.execute(
        "insert into surge (surge_id, garrison, unit, unit_name, longitude, latitude, reports, first_at, last_at,"
        " raised_at, told, escalate_at, acknowledged_at, acknowledged_role) values (%(surge_id)s, %(garrison)s,"
        " %(unit)s, %(unit_name)s, %(longitude)s, %(latitude)s, %(reports)s, %(first_at)s, %(last_at)s, %(raised_at)s,"
        " %(told)s, %(escalate_at)s, %(acknowledged_at)s, %(actor)s)"
        " on conflict (surge_id) do update set reports = excluded.reports,"
        " told = case when excluded.acknowledged_at is null then excluded.told else surge.told end,"
        " escalate_at = excluded.escalate_at, acknowledged_at = excluded.acknowledged_at,"
        " acknowledged_role = excluded.acknowledged_role",
        {"acknowledged_at": None, "actor": None, **msgspec.structs.asdict(surge.owner), **fields}
        | _how_far(surge, terms),
    )


def _how_far(surge: SurgeEvent, terms: SurgeTerms) -> dict[str, Any]:
    """Who was told last, and when the next is (casework.domain.duty.surges)."""
    top = HEADQUARTERS.unit in (surge.owner.unit, surge.owner.garrison)
    match surge:
        case SurgeEscalated(to="garrison"):
            return {"told": "garrison", "escalate_at": surge.raised_at + terms.headquarters.plain}
        case SurgeEscalated():
            return {"told": "headquarters", "escalate_at": None}
        case SurgeAcknowledged():
            return {"told": "unit", "escalate_at": None}
        case _ if top:
            return {"told": "headquarters", "escalate_at": None}
        case _:
            return {"told": "unit", "escalate_at": surge.raised_at + terms.garrison.plain}
