"""What officers do to a case, one route each: read, decide, write."""

from contracts.cases import Executor
from contracts.categories import category
from fastapi import APIRouter

from casework import cards, changes, history, store
from casework.desk import Asking
from casework.domain import Change, Refused, require

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
def take_up(ask: Asking, body: cards.Note | None = None) -> cards.Done:
    """Read, and will be checked: verification begins."""
    with ask.work(Change.TAKE_UP) as work:
        return work.keep(changes.taken_up(work.case, work.actor, work.at), _note(body))


@router.post("/checks")
def record_check(ask: Asking, body: cards.CheckBody) -> cards.Done:
    """Somebody was there: when, and whether they found it."""
    with ask.work(Change.CHECK) as work:
        event = changes.checked(work.case, work.actor, work.at, checked_at=body.checked_at, finding=body.finding)
        store.record_check(work.connection, work.case, event, ask.officer.subject, body.note)
        return work.keep(event, body.note)


@router.post("/confirm")
def confirm(ask: Asking, body: cards.Note | None = None) -> cards.Done:
    """It is true."""
    with ask.work(Change.CONFIRM) as work:
        checks = store.read_checks(work.connection, ask.report_id)
        return work.keep(changes.confirmed(work.case, work.actor, work.at, checks), _note(body))


@router.post("/unconfirm")
def unconfirm(ask: Asking, body: cards.UnconfirmBody | None = None) -> cards.Done:
    """It was not found. Takes enough checks, one when the reporter said it happens, or a written reason."""
    reason, needed = body.reason if body else None, ask.desk.checks_needed
    with ask.work(Change.UNCONFIRM) as work:
        checks = store.read_checks(work.connection, ask.report_id)
        event = changes.unconfirmed(work.case, work.actor, work.at, checks, needed=needed, reason=reason)
        return work.keep(event, reason or _note(body))


@router.post("/reject")
def reject(ask: Asking, body: cards.Note | None = None) -> cards.Done:
    """A joke or a mistake."""
    with ask.work(Change.REJECT) as work:
        checks = store.read_checks(work.connection, ask.report_id)
        return work.keep(changes.rejected(work.case, work.actor, work.at, checks), _note(body))


@router.post("/refer")
def refer(ask: Asking, body: cards.ReferBody) -> cards.Done:
    """Ask another agency to remove it."""
    with ask.work(Change.REFER) as work:
        return work.keep(changes.referred(work.case, work.actor, work.at, agency=body.agency), body.note)


@router.post("/return")
def take_back(ask: Asking, body: cards.Note | None = None) -> cards.Done:
    """Take the case back from the agency."""
    with ask.work(Change.RETURN) as work:
        return work.keep(changes.returned(work.case, work.actor, work.at), _note(body))


@router.post("/eliminate")
def eliminate(ask: Asking, body: cards.Note | None = None) -> cards.Done:
    """The threat is gone."""
    with ask.work(Change.ELIMINATE) as work:
        return work.keep(changes.eliminated(work.case, work.actor, work.at), _note(body))


@router.post("/reopen")
def reopen(ask: Asking, body: cards.Note | None = None) -> cards.Done:
    """Verify a closed case again."""
    with ask.work(Change.REOPEN) as work:
        return work.keep(changes.reopened(work.case, work.actor, work.at), _note(body))


@router.post("/task")
def task(ask: Asking, body: cards.TaskBody) -> cards.Done:
    """Send somebody to look, until a time."""
    with ask.work(Change.TASK) as work:
        usual = category(work.case.category)
        executor = body.executor or (usual.executor if usual else Executor.BEAT_OFFICER)
        event = changes.tasked(work.case, work.actor, work.at, executor=executor, due_at=body.due_at)
        return work.keep(event, body.note)


@router.post("/correct")
def correct(ask: Asking, body: cards.CorrectBody) -> cards.Done:
    """Set category or place right. The old ones are kept; a new place is routed again."""
    if (body.longitude is None) != (body.latitude is None):
        raise Refused("longitude", "goes with latitude: send both, or neither")
    place = None if body.longitude is None or body.latitude is None else (body.longitude, body.latitude)
    with ask.work(Change.CORRECT) as work:
        event = changes.corrected(work.case, work.actor, work.at, category=body.category, place=place)
        return work.keep(event, body.note)


@router.post("/transfer")
def transfer(ask: Asking, body: cards.TransferBody) -> cards.Done:
    """Hand the case to another unit or beat; no clock restarts."""
    to = ask.desk.districts.owner(body.to)
    with ask.work(Change.TRANSFER) as work:
        if to is None:
            raise Refused("to", "is no unit, station, beat or area of the boundaries in force")
        event = changes.transferred(work.case, work.actor, work.at, to=to)
        store.hand_over(work.connection, history.Made(work.case, event, ask.officer.subject, body.reason))
        return work.done(event)


@router.post("/merge")
def merge(ask: Asking, body: cards.MergeBody) -> cards.Done:
    """End this case in another open one, which goes on for both and counts this report."""
    with ask.transaction(Change.MERGE) as connection:
        # First, because it locks both cases in the one order in which nobody waits for the other.
        survivor = store.absorb(connection, ask.report_id, body.into, ask.officer)
        work = ask.read(connection)
        require(work.case, Change.MERGE, work.actor)
        if survivor is None:
            raise Refused("into", "is not another open case")
        event = changes.merged(work.case, work.actor, work.at, into=survivor.report_id, into_number=survivor.number)
        history.announce_change(connection, changes.absorbed(survivor))
        return work.keep(event, body.reason)


def _note(body: cards.Note | None) -> str | None:
    return body.note if body else None
