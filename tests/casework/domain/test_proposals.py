"""Whom a case is referred to first: whom the agency that declined named, else the usual one, never who has declined."""

from dataclasses import replace
from typing import Any

import pytest
from casework.domain.handovers import proposal
from contracts.agencies import Agencies, Agency
from contracts.statuses import Status
from support.casework.case_states import case_in
from support.events import SUBMITTED

COUNTY = Agency(code="county-roads", name="Zarząd Dróg  Powiatowych w Opolu", changed_at=SUBMITTED)
GUARD = Agency(code="guard", name="Straż Miejska", categories=("parking",), changed_at=SUBMITTED)
SPEEDS = Agency(code="speeds", name="Inspekcja", categories=("speeding",), changed_at=SUBMITTED)
USUAL = ["guard", "county-roads"]
KNOWN = Agencies([COUNTY, GUARD, SPEEDS])


def referral(agency: str, named: str | None = None, outcome: str = "declined") -> dict[str, Any]:
    return {"agency": agency, "outcome": outcome, "responsible_agency": named}


@pytest.mark.parametrize(
    ("earlier", "order", "likely"),
    [
        ([], USUAL, "guard"),
        ([referral("guard", "zarząd dróg powiatowych w OPOLU")], ["county-roads", "guard"], "county-roads"),
        ([referral("guard", " speeds ")], ["speeds", "guard", "county-roads"], "speeds"),
        ([referral("guard", "Wójt gminy")], USUAL, None),
        ([referral("guard", "speeds"), referral("speeds", "guard")], USUAL, None),
        ([referral("guard", "speeds"), referral("speeds", outcome="CaseReturned")], USUAL, "county-roads"),
        ([referral("guard", outcome="CaseReturned")], USUAL, "guard"),
    ],
)
def test_who_is_asked_first(earlier: list[dict[str, Any]], order: list[str], likely: str | None) -> None:
    case = replace(case_in(Status.CONFIRMED), category="parking")
    proposed = proposal(case, "166101", KNOWN, earlier)
    assert [agency.code for agency in proposed.agencies] == order
    assert (proposed.likely.code if proposed.likely else None) == likely
