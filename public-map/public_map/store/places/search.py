"""Places by their names: towns, villages, streets and houses."""

from collections.abc import Sequence
from typing import Any, LiteralString

from chassis.postgres import Connection

from public_map.domain.reading.places import FoundPlace, PlaceQuery

_COLUMNS = "kind, name, locality, gmina, powiat, voivodeship"
# Degrees of latitude, in a plane laid through where somebody is: enough to say what is nearer.
_DISTANCE = "|/ (((longitude - %(lon)s) * cosd(%(lat)s)) ^ 2 + (latitude - %(lat)s) ^ 2)"
_ANSWERS = "kind <> 'settlement'"
_STREETS_LOOKED_AT = 200
_NEAREST_LOOKED_AT = 16
_METRES_PER_DEGREE = 111_320.0


def find_places(connection: Connection, query: PlaceQuery) -> list[FoundPlace]:
    """Towns, villages and streets: those of exactly this name first, then the nearest, or the largest."""
    condition, values = _matching(query.words)
    rows = connection.execute(
        f"select {_COLUMNS}, longitude, latitude, {_distance(query)} as distance from named_place"  # noqa: S608
        f" where {_ANSWERS} and {condition}"
        f" order by folded = %(folded)s desc, {_order(query)}, people desc, id limit %(limit)s".encode(),
        {**values, **_near(query), "folded": query.folded, "limit": query.limit},
        prepare=False,
    )
    return [_found(row) for row in rows]


def find_addresses(connection: Connection, query: PlaceQuery) -> list[FoundPlace]:
    """Houses whose number begins as asked, that number itself first, then the nearest, in streets of these words."""
    if query.number is None:
        return []
    condition, values = _matching(query.address_words)
    rows = connection.execute(
        f"with street as (select id, {_COLUMNS}, people from named_place where {condition}"  # noqa: S608
        f" order by folded = %(folded)s desc, {_order(query)}, people desc, id limit {_STREETS_LOOKED_AT})"
        f" select 'address' as kind, name || ' ' || upper(number) as name, locality, gmina, powiat, voivodeship,"
        f" address.longitude, address.latitude, {_distance(query)} as distance"
        " from street join address on address.named_place = street.id"
        " and number >= %(number)s and number < %(number)s || '~'"
        f" order by number = %(number)s desc, {_order(query)}, people desc, street.id, number limit %(limit)s".encode(),
        {**values, **_near(query), "folded": " ".join(query.address_words), "number": query.number,
         "limit": query.limit},
        prepare=False,
    )  # fmt: skip
    return [_found(row) for row in rows]


def find_nearest_settlement(connection: Connection, longitude: float, latitude: float) -> FoundPlace | None:
    """The nearest town or village to a position in WGS 84 degrees; None where no places were imported."""
    # The index orders by degrees, which are not of one length: so several, and the nearest of them.
    row = connection.execute(
        f"select *, {_DISTANCE} as distance from (select {_COLUMNS}, longitude, latitude from named_place"  # noqa: S608
        " where kind in ('city', 'village')"
        f" order by place <-> st_setsrid(st_makepoint(%(lon)s, %(lat)s), 4326) limit {_NEAREST_LOOKED_AT}) near"
        " order by distance limit 1".encode(),
        {"lon": longitude, "lat": latitude},
    ).fetchone()
    return _found(row) if row else None


def _matching(words: Sequence[str]) -> tuple[LiteralString, dict[str, Any]]:
    """Each word begins one of the place's words, and at least one of them one of its own name."""
    prefixes = [f"{word}:*" for word in words]
    own = {"own": " | ".join(prefixes)}
    if len(words) == 1:
        return "own_words @@ %(own)s::tsquery", own
    return "words @@ %(whole)s::tsquery and own_words @@ %(own)s::tsquery", {**own, "whole": " & ".join(prefixes)}


def _distance(query: PlaceQuery) -> str:
    return _DISTANCE if query.near else "null::float8"


def _order(query: PlaceQuery) -> str:
    return _DISTANCE if query.near else "kind = 'street'"


def _near(query: PlaceQuery) -> dict[str, float]:
    return {"lon": query.near[0], "lat": query.near[1]} if query.near else {}


def _found(row: dict[str, Any]) -> FoundPlace:
    distance = row.pop("distance")
    return FoundPlace(**row, metres=None if distance is None else distance * _METRES_PER_DEGREE)
