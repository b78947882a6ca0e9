"""What a list of cases can be asked for in its address."""

from typing import Annotated, Literal

from contracts.statuses import Status
from pydantic import BaseModel, Field

from casework.domain.case_number import is_mistyped
from casework.domain.officers import CaseFilter
from casework.domain.rules import Refused

_CODE = r"^[A-Za-z0-9_.-]+$"
Code = Annotated[str, Field(max_length=64, pattern=_CODE)]


class ListQuery(BaseModel):
    """The parameters of a list."""

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
    after: str | None = Field(default=None, alias="next", max_length=200, description="from the page before")

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
