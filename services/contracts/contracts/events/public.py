"""What everyone may see of a report, on the public topic; and reports of another system, for the map alone."""

from uuid import UUID

from contracts.base import (
    Code,
    Count,
    Event,
    Instant,
    Latitude,
    Longitude,
    Name,
    Owner,
    ReportEvent,
    Sha256,
    Version,
)
from contracts.statuses import Status


class PublicReport(Event, frozen=True, kw_only=True):
    """A report as the public map shows it. A tombstone under the same key says that it left the map.

    The place may be shifted (the category's public precision) and times are to the hour. Readers go by `version`.
    `imported`: another system's report, kept as history. Nobody here works on it, and nothing is due.
    """

    report_id: UUID
    version: Version
    category: Code
    status: Status
    longitude: Longitude
    latitude: Latitude
    submitted_at: Instant
    changed_at: Instant
    garrison: Code
    unit: Code
    unit_name: Name
    supporters: Count = 0
    imported: bool = False


class ReportImported(ReportEvent, frozen=True, kw_only=True):
    """A report of another system, as it stood there: history for the map, which has no case, no clock and no receipt.

    `owner` answers for its place by the districts of the day it was imported. `version` counts what `source` said of
    its `object_id`, one for each time that it said something else; `digest` is the SHA-256 of what it said.
    """

    version: Version
    imported_at: Instant
    source: Code
    object_id: Count
    digest: Sha256
    category: Code
    status: Status
    longitude: Longitude
    latitude: Latitude
    owner: Owner
    submitted_at: Instant
    changed_at: Instant
