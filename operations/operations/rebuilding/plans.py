"""Which stores can be built anew from topics, what of them stays, and why the others come from a backup."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import public_map.app as public_map
import sla_monitor.app as sla_monitor
from chassis.kafka.messages import Received
from chassis.postgres import Connection
from chassis.settings import Settings
from contracts.base import Event
from contracts.events.cases import CaseChange
from contracts.policy.terms import policy
from contracts.topics import (
    CASEWORK,
    INTAKE,
    NOTIFIER,
    PUBLIC_MAP,
    ROUTING,
    SLA_MONITOR,
    Topic,
)
from deploy.stack.process import StackError

from operations.rebuilding.announced import restore_announcements
from operations.rebuilding.published import count_differences
from operations.target import settings_of

Handle = Callable[[Connection, Sequence[Received]], None]
SHELL_TABLES = ("outbox", "blocked", "set_aside", "held", "schema_migration")
"""The shell's own, which every store has: they say what became of messages, which no topic repeats."""

NOT_FROM_TOPICS = {
    INTAKE: "intake keeps nothing: restart it",
    ROUTING: "routing keeps nothing: it reads the districts at each start. `kmzb offsets reset` has it route again",
    NOTIFIER: "the notifier's ledger says who was told what, and no topic does: built anew, it would tell everybody"
    " again. Restore its database from the backup and start it: it goes on from there",
    CASEWORK: "what officers wrote, and who they are, is in casework's database alone. Restore it from the backup and"
    " start it: it goes on from there",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How one store is built anew.

    `member`: the instance of the service. `emptied`: its tables, those first that others refer to last; `kept`: those
    that come from elsewhere. `topics` are replayed to where the service had come; `base_suffices` as its consumer has
    it. Of `singly` a report has no two in one batch: what is kept of the first is not the same once the second is
    known. `finish` is told of what was replayed once all of it is there, and gives what is left to be said to the
    operator.
    """

    service: str
    member: str
    topics: Sequence[Topic]
    base_suffices: Sequence[Topic]
    singly: tuple[type[Event], ...]
    handle: Handle
    emptied: Sequence[str]
    kept: Sequence[str]
    finish: Callable[[Connection, Settings], str]


def plan_of(service: str, addresses: Mapping[str, str]) -> Plan:
    """The plan for the store of a service, of the instance whose addresses these are. Raises StackError for one that
    can't be built from topics, saying why.
    """
    if service == SLA_MONITOR:
        region = settings_of(addresses).region
        terms = policy(Path(addresses["KMZB_TERMS_FILE"]) if addresses.get("KMZB_TERMS_FILE") else None)
        return Plan(
            service,
            region.member(service),
            # Without progress: what it says is about reading, and comes again at once.
            topics=[topic for topic in sla_monitor.TOPICS if topic.retention is None],
            base_suffices=sla_monitor.TOPICS,
            singly=(),
            handle=partial(sla_monitor.handle, terms, region=region),
            emptied=("parked", "clock", "report", "progress", "partition_watermark"),
            kept=(),
            finish=partial(restore_announcements, terms),
        )
    if service == PUBLIC_MAP:
        return Plan(
            service,
            service,
            topics=public_map.TOPICS,
            base_suffices=public_map.BASE_SUFFICES,
            singly=(CaseChange,),  # `handling` knows the place of what was public, if only until the next change
            handle=public_map.handle,
            emptied=("public_report", "cluster", "unit_count", "handling", "handling_count", "tile_change", "clock",
                     "case_version", "letter", "said", "report"),
            kept=("named_place", "address", "gazetteer"),
            finish=count_differences,
        )  # fmt: skip
    known = NOT_FROM_TOPICS.get(service)
    raise StackError(known or f"there is no service {service!r}; {SLA_MONITOR} and {PUBLIC_MAP} can be built anew")
