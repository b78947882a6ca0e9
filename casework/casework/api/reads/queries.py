"""What lists of cases can be asked for in their addresses, and what a reading can say of its purpose."""

from dataclasses import replace
from typing import Annotated, Literal

from contracts.statuses import Status
from contracts.values.texts import one_line_within
from pydantic import AfterValidator, BaseModel, Field

from casework.api.dependencies import Dependencies, tables_read
from casework.domain.case_number import is_mistyped
from casework.domain.handovers import only_owner
from casework.domain.officers import SCOPES, CaseFilter, Officer, Scope
from casework.domain.rules import Refused

_CODE = r"^[A-Za-z0-9_.-]+$"
_PURPOSE_MAX = 200
Code = Annotated[str, Field(max_length=64, pattern=_CODE)]


def _one_line(text: str) -> str:
    return one_line_within(text, _PURPOSE_MAX)


Purpose = Annotated[
    str,
    Field(max_length=_PURPOSE_MAX, description="what the words are read for; it stands in the audit"),
    AfterValidator(_one_line),
]


class CaseQuery(BaseModel):
    """The parameters of whatever gives several cases."""

    status: list[Status] | None = Field(default=None, description="one or more")
    overdue: bool | None = Field(default=None, description="open, and a clock's deadline has passed")
    order: Literal["newest", "due"] = Field(
        default="newest", description="`due`: what there is to do, contested first, then what is due next"
    )
    unit: str | None = Field(
        default=None,
        max_length=129,
        pattern=r"^([A-Za-z0-9_.-]+/)?[A-Za-z0-9_.-]+$",
        description="a unit's code, with its garrison (`OPO/R1`) where several have it",
    )
    beat: Code | None = Field(default=None, description="a beat's code")
    category: Code | None = Field(default=None, description="a category's code")
    q: str | None = Field(
        default=None, min_length=2, max_length=40, pattern="^[A-Za-z0-9-]+$", description="how a number or id begins"
    )

    @property
    def filter(self) -> CaseFilter:
        """What is asked for, but for unit and position. Raises Refused for a mistyped number, or one with an order."""
        if self.q is not None and is_mistyped(self.q):
            raise Refused("q", "is no case number: its check character does not fit, so something in it is mistyped")
        if self.q is not None and self.order == "due":
            raise Refused("order", "is not for what is searched: that has the order of numbers or ids")
        return CaseFilter(
            statuses=self.status,
            overdue=self.overdue,
            queue=self.order == "due",
            beat=self.beat,
            category=self.category,
            query=self.q,
        )


class ListQuery(CaseQuery):
    """The parameters of a list, which comes in pages."""

    after: str | None = Field(default=None, alias="next", max_length=200, description="from the page before")


def filter_of(given: Dependencies, officer: Officer, asked: CaseQuery) -> CaseFilter:
    """What is asked for, with the garrison its unit is in. Raises Refused: a code of several units, say."""
    garrison, unit = _unit(given, officer, asked.unit)
    return replace(asked.filter, garrison=garrison, unit=unit)


def _unit(given: Dependencies, officer: Officer, code: str | None) -> tuple[str | None, str | None]:
    """The garrison and the unit a list is asked for: of a code that one unit has, that one's garrison.

    One that none has now may have been a unit's.
    """
    if code is None:
        return None, None
    tables_read(given)
    garrison, _, own = code.rpartition("/")
    owners = given.districts.owners(code)
    units = {name: unit for name, unit in owners.items() if SCOPES[officer.role] is Scope.COUNTRY and unit.unit == own}
    if len(units) > 1:
        only_owner("unit", units)
    return next((unit.garrison for unit in units.values()), garrison) or None, own
