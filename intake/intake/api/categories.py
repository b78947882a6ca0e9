"""The categories a report can have, for the form that is filled in."""

from chassis.clock import now
from contracts.base import POLAND
from contracts.policy.categories import Category, Words, catalogue_at
from contracts.statuses import Language
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from web.texts.languages import LANGUAGES

router = APIRouter()


class CategoryChoice(BaseModel):
    """One category, with what the form needs to know of it."""

    code: str
    names: dict[Language, str]
    belongs: dict[Language, str] = Field(description="what to report under it")
    elsewhere: dict[Language, str] = Field(description="what not to, and where to go with that")
    description_required: bool = Field(description="a report without words is refused")
    public: str = Field(description="who sees it on the map: always, confirmed (only once confirmed), never")
    same_m: int = Field(description="two reports within so many metres are likely about the same thing")


class Categories(BaseModel):
    """The catalogue in force, and where reports can lie."""

    version: str
    bounds: tuple[float, float, float, float] = Field(
        default=POLAND, description="where reports can lie: west, south, east, north in WGS 84 degrees"
    )
    categories: list[CategoryChoice]


@router.get("/v1/categories", tags=["reports"], summary="The categories a report can have now.")
def categories(response: Response) -> Categories:
    catalogue = catalogue_at(now())
    response.headers["Cache-Control"] = "public, max-age=300"
    return Categories(version=catalogue.version, categories=[_choice(category) for category in catalogue.category])


def _choice(category: Category) -> CategoryChoice:
    return CategoryChoice(
        code=category.code,
        names=_in_every_language(category.names),
        belongs=_in_every_language(category.explanation.belongs),
        elsewhere=_in_every_language(category.explanation.elsewhere),
        description_required=category.description,
        public=category.public,
        same_m=category.same_m,
    )


def _in_every_language(words: Words) -> dict[Language, str]:
    return {language: words.read(language) for language in LANGUAGES}
