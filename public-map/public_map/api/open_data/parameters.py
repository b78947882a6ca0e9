"""Which reports a file or a feed is wanted of: the map's filters, a unit, a powiat."""

from dataclasses import replace

from contracts.statuses import Language
from pydantic import Field

from public_map.api.open_data.powiats import Powiats
from public_map.api.queries import FilterQuery, box_of, report_filter
from public_map.domain.queries import ReportFilter

CODE = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"


class OpenDataQuery(FilterQuery):
    """The map's filters, and where."""

    bbox: str | None = Field(default=None, description="west,south,east,north in WGS 84 degrees")
    unit: str | None = Field(default=None, pattern=CODE, description="a unit's code, like KMP-1661")
    powiat: str | None = Field(default=None, pattern="^[0-9]{4}$", description="the four digits of a powiat in TERYT")
    language: Language | None = Field(default=None, description="of names; by default as Accept-Language says")


def open_data_filter(query: OpenDataQuery, powiats: Powiats) -> ReportFilter:
    """The parameters as a filter. Raises Problem: 422 naming what makes no sense, 503 before districts are read."""
    wanted = replace(report_filter(query), unit=query.unit)
    if query.bbox is not None:
        wanted = replace(wanted, box=box_of(query.bbox))
    return replace(wanted, area=powiats.area(query.powiat)) if query.powiat is not None else wanted
