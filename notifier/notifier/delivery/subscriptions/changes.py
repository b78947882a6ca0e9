"""What changed on the map since an hour, asked of the map itself: what it doesn't show, nobody is told."""

from datetime import datetime

import httpx
import msgspec
from contracts.statuses import Status

from notifier.domain.subscriptions.areas import Area
from notifier.texts.subscribers import MapChange

_PATH = "/ogc/collections/reports/items"
_MOST = 500
_LARGEST = 4_000_000


class _Properties(msgspec.Struct):
    category: str
    status: Status
    unit_name: str
    changed_at: datetime


class _Geometry(msgspec.Struct):
    coordinates: tuple[float, float]


class _Feature(msgspec.Struct):
    id: str
    geometry: _Geometry
    properties: _Properties


class _Answer(msgspec.Struct):
    features: list[_Feature]


def changes_since(client: httpx.Client, area: Area, since: datetime, until: datetime) -> list[MapChange]:
    """The changes from one hour on and before another, the newest first; of very many some. Imported history is none.

    Raises httpx.HTTPError where the map does not answer, msgspec.MsgspecError where it answers something else.
    """
    asked = {**area.asked, "since": since.isoformat(), "imported": "false", "limit": str(_MOST)}
    with client.stream("GET", _PATH, params=asked) as answer:
        answer.raise_for_status()
        body = bytearray()
        for part in answer.iter_bytes():
            body += part
            if len(body) > _LARGEST:
                raise httpx.HTTPError("more than a map would answer")
    found = [_change(feature) for feature in msgspec.json.decode(body, type=_Answer).features]
    return sorted((each for each in found if each.changed_at < until), key=lambda each: each.changed_at, reverse=True)


def _change(feature: _Feature) -> MapChange:
    longitude, latitude = feature.geometry.coordinates
    said = feature.properties
    return MapChange(feature.id, said.category, said.status, said.unit_name, longitude, latitude, said.changed_at)
