"""The routes of rosters: who is on duty at a desk, who stands in for whom, and who changed it."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from chassis.outbox import event_time
from fastapi import APIRouter, Query
from web.problems import Problem

from casework.api.dependencies import CurrentOfficer, Dependencies, FromApplication
from casework.api.duty.schemas import DeputyBody, DutyChange, DutyEntry, OnDutyNow, Roster, ShiftBody
from casework.domain.duty.rosters import (
    Desk,
    Entry,
    Kind,
    desk_of,
    keeps_roster,
    next_version,
    on_duty,
    require_possible,
)
from casework.domain.officers import Officer
from casework.store.duty.rosters import (
    find_version,
    insert_entry,
    list_entries,
    list_log,
    lock_desk,
    update_ended,
    update_version,
)
from casework.store.identity import set_identity

router = APIRouter(prefix="/v1/duty", tags=["duty"])
_CHANGES_SHOWN = 50
_CODE = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
_ANSWERS: dict[int | str, dict[str, Any]] = {
    403: {"description": "not for this role"},
    422: {"description": "names the field that does not fit"},
}


@router.get("")
def read_roster(
    given: FromApplication,
    officer: CurrentOfficer,
    garrison: Annotated[str | None, Query(pattern=_CODE, description="of the desk; your own if left out")] = None,
    unit: Annotated[
        str | None, Query(pattern=_CODE, description="the same; a garrison's own desk has its code")
    ] = None,
) -> Roster:
    """Who is on duty at a desk, and who will be. Another desk than your own where you oversee it."""
    own = desk_of(officer)
    desk = Desk(garrison or own.garrison, unit or (garrison if garrison else own.unit) or "")
    return _roster(given, officer, desk)


@router.post("/shifts", status_code=201, responses=_ANSWERS)
def add_shift(given: FromApplication, officer: CurrentOfficer, body: ShiftBody) -> Roster:
    """Put somebody on duty at your desk: urgent messages go to them meanwhile."""
    return _add(given, officer, body, Kind.SHIFT, None)


@router.post("/deputies", status_code=201, responses=_ANSWERS)
def add_deputy(given: FromApplication, officer: CurrentOfficer, body: DeputyBody) -> Roster:
    """Let somebody stand in for somebody of your desk: they may do what a coordinator may, and have their duty."""
    return _add(given, officer, body, Kind.DEPUTY, body.principal)


@router.delete("/{entry_id}", responses={**_ANSWERS, 404: {"description": "no such entry, or one that has ended"}})
def end_entry(given: FromApplication, officer: CurrentOfficer, entry_id: UUID) -> Roster:
    """End a turn of duty or a deputy's time now; one that has not begun is taken out."""
    desk = _own(officer)
    with given.database.transaction() as connection:
        set_identity(connection, officer)
        version, at = lock_desk(connection, desk), event_time(connection)
        entry = next((one for one in list_entries(connection, desk, at) if one.entry_id == entry_id), None)
        if entry is None:
            raise Problem(404, "No such entry", f"There is no entry {entry_id} on your roster that has not ended.")
        update_ended(connection, desk, entry, officer, at)
        update_version(connection, desk, next_version(version, at), at)
    return _roster(given, officer, desk)


def _add(given: Dependencies, officer: Officer, body: ShiftBody, kind: Kind, principal: str | None) -> Roster:
    desk = _own(officer)
    entry = Entry(
        entry_id=uuid4(),
        kind=kind,
        officer=body.officer,
        principal=principal,
        email=body.email,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
    )
    with given.database.transaction() as connection:
        set_identity(connection, officer)
        version, at = lock_desk(connection, desk), event_time(connection)
        require_possible(entry, list_entries(connection, desk, at), at, officer)
        insert_entry(connection, desk, entry, officer, at)
        update_version(connection, desk, next_version(version, at), at)
    return _roster(given, officer, desk)


def _own(officer: Officer) -> Desk:
    """The officer's own desk. Raises Problem 403 for who does not keep its roster."""
    desk = desk_of(officer)
    if not keeps_roster(officer, desk):
        raise Problem(403, "Not for this role", f"A {officer.role} does not keep the roster.")
    return desk


def _roster(given: Dependencies, officer: Officer, desk: Desk) -> Roster:
    with given.database.transaction() as connection:
        set_identity(connection, officer)
        at = event_time(connection)
        entries = list_entries(connection, desk, at)
        changes = list_log(connection, desk, _CHANGES_SHOWN)
        version = find_version(connection, desk)
    current = on_duty(entries, at)
    return Roster(
        garrison=desk.garrison,
        unit=desk.unit,
        version=version,
        keeps=keeps_roster(officer, desk),
        on_duty=OnDutyNow.model_validate(current) if current else None,
        entries=[DutyEntry.model_validate(entry) for entry in entries],
        changes=[DutyChange.model_validate(change) for change in changes],
    )
