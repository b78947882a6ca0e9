"""What everyone may see of a report: the one event on the public topic."""

from uuid import UUID

from contracts.base import Code, Count, Event, Instant, Latitude, Longitude, Name, Version
from contracts.statuses import Status


class PublicReport(Event, frozen=True, kw_only=True):
    """A report as the public map shows it. A tombstone under the same key says that it left the map.

    The place may be shifted (the category's public precision) and times are to the hour. Readers go by `version`.
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
