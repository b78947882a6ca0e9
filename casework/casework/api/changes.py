"""The routes that change a case, one each: read it locked, decide, write."""

from typing import Annotated

from contracts.events.cases import Executor
from contracts.policy.categories import category
from fastapi import APIRouter, Depends, Header

from casework.api.bodies import (
    CheckBody,
    CorrectBody,
    MergeBody,
    NoteBody,
    ReferBody,
    ReporterBody,
    TaskBody,
    TransferBody,
    UnconfirmBody,
)
from casework.api.commands import Command
from casework.api.dependencies import tables_read
from casework.api.schemas import ChangeResult
from casework.domain import changes, handovers
from casework.domain.rules import Change, Refused
from casework.store.cases import lock_survivor
from casework.store.checks import find_check, list_checks

router = APIRouter(
    prefix="/v1/cases/{report_id}",
    tags=["changes"],
    responses={
        401: {"description": "no token we believe"},
        403: {"description": "not for this role"},
        404: {"description": "no such case in sight"},
        409: {"description": "not allowed from this status; names what is"},
        412: {"description": "the case has changed since"},
        428: {"description": "If-Match is missing"},
    },
)


@router.post("/take-up")
def take_up(command: Command, body: NoteBody | None = None) -> ChangeResult:
    """Read, and will be checked: verification begins."""
    with command.locked(Change.TAKE_UP) as locked:
        return locked.update(changes.taken_up(locked.case, locked.actor, locked.at), _note(body))


@router.post("/checks")
def record_check(
    command: Command,
    body: CheckBody,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=16,
            max_length=255,
            pattern="^[!-~]+$",
            description="the same for each try to send one check, so that it is recorded once",
        ),
    ] = None,
) -> ChangeResult:
    """Somebody was there: when, and whether they found it. Sent again with its key, it is answered alike."""
    with command.transaction(Change.CHECK) as connection:
        locked = command.lock_as_it_is(connection)
        recorded = find_check(connection, command.report_id, command.officer.subject, key) if key else None
        if recorded:
            if recorded != body.model_dump():
                raise Refused("Idempotency-Key", "was sent with another check: each has a key of its own")
            return locked.result(locked.case)
        command.require_seen(locked.case)
        event = changes.checked(locked.case, locked.actor, locked.at, checked_at=body.checked_at, finding=body.finding)
        return locked.update(event, body.note, key)


@router.post("/confirm")
def confirm(command: Command, body: NoteBody | None = None) -> ChangeResult:
    """It is true."""
    with command.locked(Change.CONFIRM) as locked:
        checks = list_checks(locked.connection, command.report_id)
        return locked.update(changes.confirmed(locked.case, locked.actor, locked.at, checks), _note(body))


@router.post("/unconfirm")
def unconfirm(command: Command, body: UnconfirmBody | None = None) -> ChangeResult:
    """It was not found. Takes enough checks, one when the reporter said it happens, or a written reason."""
    reason, needed = body.reason if body else None, command.given.checks_needed
    with command.locked(Change.UNCONFIRM) as locked:
        checks = list_checks(locked.connection, command.report_id)
        event = changes.unconfirmed(locked.case, locked.actor, locked.at, checks, needed=needed, reason=reason)
        return locked.update(event, reason or _note(body))


@router.post("/reject")
def reject(command: Command, body: NoteBody | None = None) -> ChangeResult:
    """A joke or a mistake."""
    with command.locked(Change.REJECT) as locked:
        checks = list_checks(locked.connection, command.report_id)
        return locked.update(changes.rejected(locked.case, locked.actor, locked.at, checks), _note(body))


@router.post("/refer", dependencies=[Depends(tables_read)])
def refer(command: Command, body: ReferBody) -> ChangeResult:
    """Ask another agency to remove it."""
    with command.locked(Change.REFER) as locked:
        event = handovers.referred(
            locked.case, locked.actor, locked.at, agency=body.agency, agencies=command.given.agencies
        )
        return locked.update(event, body.note)


@router.post("/acknowledge")
def acknowledge(command: Command, body: NoteBody | None = None) -> ChangeResult:
    """The agency said by letter or telephone that it has the referral."""
    with command.locked(Change.ACKNOWLEDGE) as locked:
        return locked.update(handovers.acknowledged(locked.case, locked.actor, locked.at), _note(body))


@router.post("/return")
def take_back(command: Command, body: NoteBody | None = None) -> ChangeResult:
    """Take the case back from the agency."""
    with command.locked(Change.RETURN) as locked:
        return locked.update(handovers.returned(locked.case, locked.actor, locked.at), _note(body))


@router.post("/eliminate")
def eliminate(command: Command, body: NoteBody | None = None) -> ChangeResult:
    """The threat is gone."""
    with command.locked(Change.ELIMINATE) as locked:
        return locked.update(changes.eliminated(locked.case, locked.actor, locked.at), _note(body))


@router.post("/reopen")
def reopen(command: Command, body: NoteBody | None = None) -> ChangeResult:
    """Verify a closed case again."""
    with command.locked(Change.REOPEN) as locked:
        return locked.update(changes.reopened(locked.case, locked.actor, locked.at), _note(body))


@router.post("/uphold")
def uphold(command: Command, body: ReporterBody) -> ChangeResult:
    """A contested decision stands: say why to the one who reported."""
    with command.locked(Change.UPHOLD) as locked:
        return locked.update(changes.upheld(locked.case, locked.actor, locked.at), body.text)


@router.post("/ask")
def ask(command: Command, body: ReporterBody) -> ChangeResult:
    """Ask the one who reported; they read it, and answer, on their receipt's page."""
    with command.locked(Change.ASK) as locked:
        return locked.update(changes.asked(locked.case, locked.actor, locked.at), body.text)


@router.post("/task")
def task(command: Command, body: TaskBody) -> ChangeResult:
    """Send somebody to look, until a time."""
    with command.locked(Change.TASK) as locked:
        usual = category(locked.case.category)
        executor = body.executor or (usual.executor if usual else Executor.BEAT_OFFICER)
        event = changes.tasked(locked.case, locked.actor, locked.at, executor=executor, due_at=body.due_at)
        return locked.update(event, body.note)


@router.post("/correct")
def correct(command: Command, body: CorrectBody) -> ChangeResult:
    """Set category or place right. The old ones are kept; a new place is routed again."""
    if (body.longitude is None) != (body.latitude is None):
        raise Refused("longitude", "goes with latitude: send both, or neither")
    place = None if body.longitude is None or body.latitude is None else (body.longitude, body.latitude)
    with command.locked(Change.CORRECT) as locked:
        event = changes.corrected(locked.case, locked.actor, locked.at, category=body.category, place=place)
        return locked.update(event, body.note)


@router.post("/transfer", dependencies=[Depends(tables_read)])
def transfer(command: Command, body: TransferBody) -> ChangeResult:
    """Hand the case to another unit or beat; no clock restarts."""
    owners = command.given.districts.owners(body.to)
    with command.locked(Change.TRANSFER) as locked:
        to = handovers.only_owner("to", owners)
        event = handovers.transferred(locked.case, locked.actor, locked.at, to=to)
        return locked.transfer(event, body.reason, command.given.region)


@router.post("/merge")
def merge(command: Command, body: MergeBody) -> ChangeResult:
    """End this case in another open one, which goes on for both and counts this report."""
    with command.transaction(Change.MERGE) as connection:
        # First, because it locks both cases in the one order in which nobody waits for the other.
        survivor = lock_survivor(connection, command.report_id, body.into)
        locked = command.lock(connection)
        merger = handovers.merger(locked.case, locked.actor, locked.at, into=survivor, terms=command.given.terms)
        locked.update_survivor(merger)
        return locked.update(merger.ended, body.reason)


def _note(body: NoteBody | None) -> str | None:
    return body.note if body else None
