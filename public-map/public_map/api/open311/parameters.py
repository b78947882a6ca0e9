"""What clients may ask with; what is known of the specification but of no use here is taken all the same."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

from contracts.policy.categories import category
from contracts.values.instants import parse_instant
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from public_map.api.cursor import decode_moment
from public_map.api.open311.documents import not_found
from public_map.api.queries import box_of, invalid_parameter, listed
from public_map.domain.open311 import MOST, statuses_of, window
from public_map.domain.queries import WORLD, Order, ReportFilter

JURISDICTION = "policja.gov.pl"
_IDS = 1000
_T = TypeVar("_T")
Moment = Annotated[datetime, BeforeValidator(parse_instant)]


def _ours(given: str) -> str:
    if given not in ("", JURISDICTION):
        raise not_found("jurisdiction_id", f"not found; there is {JURISDICTION}, or leave it out")
    return given


class Known(BaseModel):
    """What every address takes."""

    jurisdiction_id: Annotated[str, AfterValidator(_ours)] = Field(default="", description=f"{JURISDICTION}, or none")
    api_key: str = Field(default="", description="none is needed; what is given is not looked at")


class ExtendedQuery(Known):
    """What shows requests."""

    extensions: bool = Field(default=False, description="with extended_attributes: detailed_status and more")


class Paged(Known):
    """What lists take."""

    start_date: Moment | None = Field(default=None, description="RFC 3339 with zone; by default 90 days ago")
    end_date: Moment | None = Field(default=None, description="at most 90 days after start_date; by default now")
    page_size: Annotated[int, Field(ge=1, le=MOST, description="of a page; `Link: …; rel=next` leads to the next")] = (
        MOST
    )
    next: str | None = Field(default=None, description="where the page before ended: use its Link as it is")

    def span(self, at: datetime) -> tuple[datetime, datetime]:
        """From when to when. Raises Problem 422."""
        return _meant(lambda: window(self.start_date, self.end_date, at))

    def place(self) -> tuple[datetime, UUID] | tuple[None, None]:
        """After which instant and report the page begins. Raises Problem 422."""
        if self.next is None:
            return None, None
        try:
            return decode_moment(self.next)
        except ValueError:
            raise invalid_parameter("next", "not one that was given out; leave it out to begin") from None


class RequestQuery(Paged, ExtendedQuery):
    """Which service requests."""

    service_request_id: str | None = Field(default=None, description="ids with commas; all else is then ignored")
    service_code: str | None = Field(default=None, description="codes with commas; all when left out")
    status: str | None = Field(default=None, description="open, closed or both with a comma; both when left out")
    bbox: str | None = Field(default=None, description="our extension: west,south,east,north in WGS 84 degrees")

    def filter(self, at: datetime) -> ReportFilter:
        """The reports that are meant. Raises Problem 422 naming the parameter that makes no sense."""
        if self.service_request_id is not None:
            return ReportFilter(ids=_ids(self.service_request_id), order=Order.SUBMITTED)
        codes = listed([self.service_code or ""])
        for code in codes:
            if category(code) is None:
                raise invalid_parameter("service_code", f"{code[:64]!r} was not found; services.json lists them")
        statuses = _meant(lambda: statuses_of(listed([self.status or ""])))
        box = box_of(self.bbox) if self.bbox is not None else WORLD
        after_at, after = self.place()
        return ReportFilter(
            box, codes, statuses, after=after, after_at=after_at, submitted=self.span(at), order=Order.SUBMITTED
        )


class UpdateQuery(Paged):
    """Which updates."""

    def filter(self, at: datetime) -> ReportFilter:
        """The reports that changed then. Raises Problem 422."""
        after_at, after = self.place()
        return ReportFilter(after=after, after_at=after_at, changed=self.span(at), order=Order.CHANGED)


def _ids(text: str) -> tuple[UUID, ...]:
    given = listed([text])
    if len(given) > _IDS:
        raise invalid_parameter("service_request_id", f"at most {_IDS} at once")
    return tuple(known for known in map(request_id, given) if known)


def request_id(text: str) -> UUID | None:
    """The report an id names; None for what never was an id."""
    try:
        known = UUID(text)
    except ValueError:
        return None
    return known if str(known) == text.lower() else None


def _meant(judge: Callable[[], _T]) -> _T:
    try:
        return judge()
    except ValueError as wrong:
        name, _, detail = str(wrong).partition(": ")
        raise invalid_parameter(name, detail) from None
