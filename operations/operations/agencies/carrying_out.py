"""Carrying out what a command makes of agencies, some hundreds at a time, each of those wholly before the next.

An agency is told of last, once it has access, topics and what it is handed: one that the registry knows is done, and
what was interrupted goes on with those that it does not know.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from time import monotonic

from contracts.agencies import Agency
from deploy.access.cluster import let_agencies_in, shut_out
from deploy.access.rules import has_topics
from deploy.agencies import topics_of
from deploy.agencies.registry import publish_agencies

from deploy.stack import topics
from operations.agencies.hand_over import HandedOver, hand_over
from operations.agencies.plan import Change
from operations.printing import in_short
from operations.target import Target

AT_ONCE = 250
"""Agencies: so many pairs of topics are one request, and whoever waits sees it go on every few seconds."""


def carry_out(
    target: Target,
    changes: Sequence[Change],
    replication: int,
    *,
    folders: Mapping[Path, Agency],
    say: Callable[[str], None],
) -> tuple[int, list[HandedOver]]:
    """Change all of them, and say how far it is; gives how many topics were made, and what was handed over.

    Raises KafkaException, StackError.
    """
    made, handed, began = 0, list[HandedOver](), monotonic()
    places = {agency.code: folder for folder, agency in folders.items()}
    if len(changes) > AT_ONCE:
        say(f"{len(changes)} agencies, {AT_ONCE} at a time; should it end in between, the same command does the rest")
    for start in range(0, len(changes), AT_ONCE):
        agencies = [change.after for change in changes[start : start + AT_ONCE]]
        made += _open(target, agencies, replication)
        handed += hand_over(target.settings, {places[each.code]: each for each in agencies if each.code in places})
        publish_agencies(target.settings, agencies)
        if target.settings.kafka_user:
            shut_out(target.settings, [agency for agency in agencies if not has_topics(agency)])
        if len(changes) > AT_ONCE:
            say(f"{start + len(agencies)} of {len(changes)} after {in_short(monotonic() - began)}")
    return made, handed


def _open(target: Target, agencies: Iterable[Agency], replication: int) -> int:
    """Access and topics: once an agency is told of, somebody may be handed a threat there at once."""
    active = [agency for agency in agencies if agency.active]
    if target.settings.kafka_user:
        # Before the topics: brokers look at casework's pattern as topics come, and for minutes not as rules do.
        let_agencies_in(target.settings, active)
    return topics.create(target.settings, topics_of(active), replication=replication or target.copies)
