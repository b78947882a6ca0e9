"""The districts by which the map says who answers for a position: the same sets and the same rule as routing's.

In memory with their borders, not in PostGIS: the rule is one piece of code, each instance follows the topic by itself,
and a look-up costs some microseconds.
"""

from chassis.health import Health
from chassis.settings import Settings
from contracts.topics import PUBLIC_MAP
from districts.following import FollowedDistricts
from prometheus_client import Counter

UNREADABLE = Counter(
    "kmzb_public_map_district_messages_unreadable_total", "District messages passed over as unreadable"
)


class Districts(FollowedDistricts):
    """All that answer now. Nothing else waits for them: until they are read, nobody is said to answer."""

    def __init__(self, settings: Settings, health: Health) -> None:
        super().__init__(settings, PUBLIC_MAP, health, UNREADABLE)
