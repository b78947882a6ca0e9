"""The routes of alarms: which there are, and that somebody has one in hand."""

from datetime import timedelta
from uuid import UUID

from chassis.outbox import event_time
from fastapi import APIRouter
from web.problems import Problem

from casework.api.dependencies import CurrentOfficer, FromApplication
from casework.api.duty.schemas import Alarm, Alarms
from casework.store.duty.surges import list_alarms, lock_surge, update_acknowledged
from casework.store.identity import set_identity

router = APIRouter(prefix="/v1/alarms", tags=["duty"])
_SHOWN = 50
_SHOWN_FOR = timedelta(days=1)


@router.get("")
def read_alarms(given: FromApplication, officer: CurrentOfficer) -> Alarms:
    """The alarms in your sight that are open, and those of the last day."""
    with given.database.transaction() as connection:
        set_identity(connection, officer)
        rows = list_alarms(connection, _SHOWN_FOR, _SHOWN)
    return Alarms(alarms=[Alarm.model_validate(row) for row in rows])


@router.post("/{surge_id}/acknowledge", responses={404: {"description": "no such alarm in sight"}})
def acknowledge(given: FromApplication, officer: CurrentOfficer, surge_id: UUID) -> Alarms:
    """Say that you have it in hand, so that it goes no further up. Who says so first counts; again changes nothing."""
    with given.database.transaction() as connection:
        set_identity(connection, officer)
        surge = lock_surge(connection, surge_id)
        if surge is None:
            raise Problem(404, "No such alarm", f"There is no alarm {surge_id} that you may see.")
        if surge.acknowledged_at is None:
            update_acknowledged(connection, surge, officer, event_time(connection))
    return read_alarms(given, officer)
