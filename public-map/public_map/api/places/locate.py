"""`GET /v1/locate`: where a position is, in words, and who would answer for a report there."""

from typing import Annotated

from chassis.postgres import Database
from districts.index import Found, NotFound
from districts.index import locate as find_district
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from public_map.api.places.search import Place, place_answer
from public_map.districts import Districts
from public_map.store.places.search import find_nearest_settlement

_FARTHEST_PLACE_M = 20_000
"""A town farther away says nothing about where somebody is; in Poland none is half as far."""


class Located(BaseModel):
    """Who answers there, by the rule that routing goes by, and the nearest town or village."""

    outcome: str = Field(
        description="how the district was found: contains, shared_border, nearest; or why none was: outside, where the"
        " position lies outside Poland, no_boundaries, while not all are known"
    )
    place: Place | None = Field(description="the nearest town or village")
    garrison: str | None
    unit: str | None
    unit_name: str | None
    district: str | None = Field(description="the code of the beat, or of the area that stands in for beats")
    district_name: str | None
    nearest_m: int | None = Field(description="outside: metres to the nearest district there is")


def locate_routes(database: Database, districts: Districts, nearest_m: float) -> APIRouter:
    """The route; a position up to `nearest_m` metres outside of all districts belongs to the nearest."""
    routes = APIRouter(tags=["places"])

    @routes.get("/v1/locate", summary="Where a position is, in words, and which unit would answer for a report there")
    def locate(
        longitude: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
        latitude: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
    ) -> Located:
        with database.transaction() as connection:
            near = find_nearest_settlement(connection, longitude, latitude)
        known = near if near and near.metres is not None and near.metres <= _FARTHEST_PLACE_M else None
        place = place_answer(known) if known else None
        match find_district(districts.index, longitude, latitude, nearest_m):
            case Found(leaf, method, _):
                owner = leaf.owner
                return Located(
                    outcome=method,
                    place=place,
                    garrison=owner.garrison,
                    unit=owner.unit,
                    unit_name=owner.unit_name,
                    district=owner.district,
                    district_name=leaf.name,
                    nearest_m=None,
                )
            case NotFound(reason, _, metres):
                return Located(
                    outcome=reason,
                    place=place,
                    garrison=None,
                    unit=None,
                    unit_name=None,
                    district=None,
                    district_name=None,
                    nearest_m=None if metres is None else round(metres),
                )

    return routes
