"""What every request is answered with, and the officer who sent it."""

from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Annotated

from chassis.health import Health
from chassis.postgres import Database
from contracts.agencies import Agencies
from contracts.events.cases import Role
from contracts.policy.regions import NATION, Region
from contracts.policy.surges import SurgePolicy, surge_policy
from contracts.policy.terms import Policy
from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from objects.storage import Objects
from web.problems import Problem

from casework.api.auth import TokenVerifier
from casework.districts import Districts
from casework.domain.duty.rosters import as_deputy
from casework.domain.officers import Officer
from casework.store.duty.rosters import find_principal
from casework.store.identity import set_identity

_bearer = HTTPBearer(auto_error=False, description="an OIDC access token with the claims role, garrison and unit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What requests need: the database under row-level security, whom to believe, whom cases can go to.

    `agencies` are those a case can be referred to, by code, `checks_needed` how many checks carry "not confirmed",
    `terms` within how long what is owed is due, `surges` when many reports at one place are an alarm, `photos` is where
    citizens' photos are kept, `health` knows what has been read since the start, `region` is what this instance
    answers for. `exports` has as many places as there
    may be exports at a time: each keeps a connection.
    """

    database: Database
    verifier: TokenVerifier
    districts: Districts
    agencies: Agencies
    checks_needed: int
    terms: Policy
    photos: Objects
    health: Health
    exports: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(2))
    surges: SurgePolicy = field(default_factory=surge_policy)
    region: Region = NATION


def dependencies(request: Request) -> Dependencies:
    """What `application` was given."""
    given: Dependencies = request.app.state.dependencies
    return given


FromApplication = Annotated[Dependencies, Depends(dependencies)]


def tables_read(given: FromApplication) -> None:
    """Raises Problem 503 until districts and agencies are read after a start: before, none can be called unknown."""
    if {"district", "agency"} & set(given.health.awaited):
        detail = "Districts and agencies are still being read after a restart. Ask again in a moment."
        raise Problem(503, "Not at the moment", detail, {"Retry-After": "1"})


def current_officer(request: Request, given: FromApplication, _: Annotated[object, Depends(_bearer)]) -> Officer:
    """The officer who sent the request, as its token was judged before anything of the request was read.

    A beat officer who stands in for the coordinator now has that role (docs/decisions/0081).
    """
    officer: Officer = request.state.identity
    if officer.role is not Role.BEAT_OFFICER:
        return officer
    with given.database.transaction() as connection:
        set_identity(connection, officer)
        return as_deputy(officer, find_principal(connection, officer))


CurrentOfficer = Annotated[Officer, Depends(current_officer)]
