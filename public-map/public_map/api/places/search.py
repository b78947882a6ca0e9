"""`GET /v1/places`: towns, villages, streets and houses by what somebody types."""

from typing import Annotated

from chassis.postgres import Database
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from public_map.api.queries import invalid_parameter
from public_map.domain.reading.places import FoundPlace, place_query
from public_map.store.places.search import find_addresses, find_places

_KEPT_SECONDS = 3600  # places change when somebody imports others


class SearchQuery(BaseModel):
    """What was typed, and where whoever typed it looks or is."""

    q: str = Field(max_length=200, description="words or their beginnings, with or without diacritics, and a number")
    longitude: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    latitude: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    limit: int = Field(default=10, ge=1, le=50)


class Place(BaseModel):
    """A place by its name, in WGS 84 degrees."""

    name: str
    kind: str = Field(description="city, village, street or address")
    locality: str | None = Field(description="the town or village of a street or address")
    gmina: str
    powiat: str
    voivodeship: str
    longitude: float
    latitude: float
    distance_m: int | None = Field(description="from the position given, as the crow flies")


class Places(BaseModel):
    """What may be meant: whole names first, then what is nearest, or largest where no position is given."""

    places: list[Place]


def place_search_routes(database: Database) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["places"])

    @routes.get("/v1/places", summary="Towns, villages, streets and houses by the beginnings of their words")
    def places(query: Annotated[SearchQuery, Query()], response: Response) -> Places:
        if (query.longitude is None) != (query.latitude is None):
            raise invalid_parameter("longitude", "give longitude and latitude together, or neither")
        near = (query.longitude, query.latitude) if query.longitude is not None and query.latitude is not None else None
        asked = place_query(query.q, near, query.limit)
        response.headers["Cache-Control"] = f"public, max-age={_KEPT_SECONDS}"
        if asked is None:
            return Places(places=[])
        with database.transaction() as connection:
            found = [*find_addresses(connection, asked), *find_places(connection, asked)]
        return Places(places=[place_answer(place) for place in found[: query.limit]])

    return routes


def place_answer(place: FoundPlace) -> Place:
    """A place as it is answered."""
    return Place(
        name=place.name,
        kind=place.kind,
        locality=place.locality,
        gmina=place.gmina,
        powiat=place.powiat,
        voivodeship=place.voivodeship,
        longitude=place.longitude,
        latitude=place.latitude,
        distance_m=None if place.metres is None else round(place.metres),
    )
