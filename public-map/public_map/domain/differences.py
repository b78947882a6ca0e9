"""Where the public topic and the table whose twin it is say something else, and which of them has to change: the topic.

Readers of the topic go by version, so what the topic says of a newer version than the table is left alone.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """A report as a reader of the whole topic ends up with it."""

    partition: int
    version: int


@dataclass(frozen=True, slots=True)
class TableState:
    """The version of each report that is public, and the reports whose last message is not on the topic yet."""

    versions: Mapping[UUID, int]
    unpublished: Set[UUID]


@dataclass(frozen=True, slots=True)
class Differences:
    """Reports that must leave the topic, and reports it lacks or has in an older version, by the version to publish."""

    withdrawn: tuple[UUID, ...]
    missing: Mapping[UUID, int]


def differences(table: TableState, topic: Mapping[UUID, TopicEntry], caught_up: Set[int]) -> Differences:
    """What the topic says that the table does not, and the other way round, both in the order of report ids.

    Only in the partitions that are `caught_up`, where every change of a case is in the table, is a report that is not
    in the table not public.
    """
    withdrawn = sorted(
        report_id
        for report_id, entry in topic.items()
        if entry.partition in caught_up and report_id not in table.versions and report_id not in table.unpublished
    )
    missing = {
        report_id: version
        for report_id, version in sorted(table.versions.items())
        if report_id not in table.unpublished and (report_id not in topic or topic[report_id].version < version)
    }
    return Differences(tuple(withdrawn), missing)


def still_different(found: Differences, table: TableState) -> Differences:
    """What is left of differences by a later state of the table: what changed since speaks for itself."""
    return Differences(
        tuple(
            report_id
            for report_id in found.withdrawn
            if report_id not in table.versions and report_id not in table.unpublished
        ),
        {
            report_id: version
            for report_id, version in found.missing.items()
            if table.versions.get(report_id) == version and report_id not in table.unpublished
        },
    )


def batches(found: Differences, size: int) -> Iterator[Differences]:
    """The same differences, at most `size` of each kind at a time."""
    missing = list(found.missing.items())
    for start in range(0, max(len(found.withdrawn), len(missing)), size):
        yield Differences(found.withdrawn[start : start + size], dict(missing[start : start + size]))
