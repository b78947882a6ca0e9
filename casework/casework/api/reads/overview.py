"""The routes behind a desk as a whole: who is signed in, what there is to do, to whom cases can go."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from casework.api.dependencies import CurrentOfficer, FromApplication, tables_read
from casework.api.schemas import Agencies, DistrictsFound, Named, SignedIn, UnitWorkload, Workload
from casework.store.identity import set_identity
from casework.store.queries.workload import list_workload

router = APIRouter(prefix="/v1", tags=["desk"])
_MOST_DISTRICTS = 20


@router.get("/me")
def read_me(given: FromApplication, officer: CurrentOfficer) -> SignedIn:
    """Who you are, as your token says."""
    garrison = officer.garrison or ""
    return SignedIn(
        subject=officer.subject,
        role=officer.role,
        garrison=officer.garrison,
        unit=officer.unit,
        beat=officer.beat,
        unit_name=given.districts.name(garrison, officer.unit) if officer.unit else None,
        garrison_name=given.districts.name(garrison, garrison),
        deputy_of=officer.deputy_of,
    )


@router.get("/agencies", dependencies=[Depends(tables_read)])
def read_agencies(given: FromApplication, officer: CurrentOfficer) -> Agencies:
    """The agencies a confirmed threat can be referred to."""
    by_name = sorted(given.agencies.values(), key=lambda known: (known.name, known.code))
    return Agencies(agencies=[Named(code=known.code, name=known.name) for known in by_name])


@router.get("/districts", dependencies=[Depends(tables_read)])
def find_districts(
    given: FromApplication,
    officer: CurrentOfficer,
    q: Annotated[str, Query(min_length=2, max_length=100, description="how a code, a name or a word of it begins")],
) -> DistrictsFound:
    """Units, stations, beats and areas a case can be transferred to, your own garrison's first."""
    found = given.districts.find(q, officer.garrison, _MOST_DISTRICTS)
    return DistrictsFound(districts=[Named(code=code, name=name) for code, name in found])


@router.get("/workload")
def read_workload(given: FromApplication, officer: CurrentOfficer) -> Workload:
    """What each unit you may see has to do, how much of it is late, and since when."""
    with given.database.transaction() as connection:
        set_identity(connection, officer)
        rows = list_workload(connection, officer)
    return Workload(units=[UnitWorkload.model_validate(row) for row in rows])
