"""Where a request meets a case: who asks, on which version, what they may do; refusals as problems."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from chassis.http import Problem
from chassis.postgres import Connection, Database, database_time
from contracts.cases import CaseChange, Role
from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from casework import cards, history, store
from casework.access import Gate, Officer, unauthorised
from casework.changes import after
from casework.districts import Districts
from casework.domain import Case, Change, NotAllowed, NotPermitted, Refused, allowed, may

_bearer = HTTPBearer(auto_error=False, description="an OIDC access token with the claims role, garrison and unit")


@dataclass(frozen=True, slots=True)
class Desk:
    """What requests need: the database under row-level security, who is let in, where cases can go."""

    database: Database
    gate: Gate
    districts: Districts
    checks_needed: int


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def officer_of(
    desk: Annotated[Desk, Depends(desk_of)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Officer:
    """Raises Problem 401 without a token we believe."""
    if credentials is None:
        raise unauthorised("Send a bearer token.")
    return desk.gate.officer(credentials.credentials)


AtDesk = Annotated[Desk, Depends(desk_of)]
Signed = Annotated[Officer, Depends(officer_of)]


@dataclass(frozen=True, slots=True)
class Work:
    """A locked case, the officer's role and the moment, for a change to be decided and kept."""

    connection: Connection
    officer: Officer
    case: Case
    at: datetime
    response: Response

    @property
    def actor(self) -> Role:
        return self.officer.role

    def keep(self, event: CaseChange, note: str | None = None) -> cards.Done:
        store.keep(self.connection, [history.Made(self.case, event, self.officer.subject, note)])
        return self.done(event)

    def done(self, event: CaseChange) -> cards.Done:
        self.response.headers["ETag"] = etag(event.version)
        state = after(self.case, event)
        return cards.Done(
            report_id=state.report_id,
            number=state.number,
            version=state.version,
            status=state.status,
            owner=cards.OwnerCard(**msgspec.structs.asdict(state.owner)),
            changed_at=state.changed_at,
            allowed=list(allowed(state, self.officer.role)),
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to change a case from the version the officer saw."""

    desk: Desk
    officer: Officer
    report_id: UUID
    version: int
    response: Response

    @contextmanager
    def transaction(self, change: Change) -> Iterator[Connection]:
        """The transaction of a change, as this officer. Raises NotPermitted where the role never makes it."""
        if not may(self.officer.role, change):
            raise NotPermitted(change, self.officer.role)
        with self.desk.database.transaction() as connection:
            store.claim(connection, self.officer)
            yield connection

    def read(self, connection: Connection) -> Work:
        """The case, locked. Raises Problem: 404 out of sight, 412 where somebody changed it meanwhile."""
        case = store.lock_case(connection, self.report_id)
        if case is None:
            raise not_found(self.report_id)
        if case.version != self.version:
            raise Problem(
                412,
                "The case has changed",
                f"You saw version {self.version}, it is at {case.version}: look again, then decide.",
                {"ETag": etag(case.version)},
                version=case.version,
            )
        return Work(connection, self.officer, case, database_time(connection), self.response)

    @contextmanager
    def work(self, change: Change) -> Iterator[Work]:
        with self.transaction(change) as connection:
            yield self.read(connection)


def asked(
    desk: AtDesk,
    officer: Signed,
    report_id: UUID,
    response: Response,
    if_match: Annotated[str | None, Header(description="the version you saw, as the ETag said it")] = None,
) -> Ask:
    """Raises Problem 428 without `If-Match`, 400 for one that is no version."""
    if if_match is None:
        raise Problem(428, "Version missing", "Send If-Match with the version you saw, which GET gives as ETag.")
    text = if_match.strip().strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Problem(400, "Not a version", 'If-Match must be one version, such as "3".')
    return Ask(desk, officer, report_id, int(text), response)


Asking = Annotated[Ask, Depends(asked)]


def etag(version: int) -> str:
    return f'"{version}"'


def not_found(report_id: UUID) -> Problem:
    """The same for what does not exist and what is another unit's."""
    return Problem(404, "No such case", f"There is no case {report_id} that you may see.")


def answer_refusals(http: FastAPI) -> None:
    """Let the refusals of the rules become problems that say what would do."""
    http.add_exception_handler(NotPermitted, _not_permitted)
    http.add_exception_handler(NotAllowed, _not_allowed)
    http.add_exception_handler(Refused, _refused)


async def _not_permitted(_: Request, why: Exception) -> Response:
    assert isinstance(why, NotPermitted)
    return Problem(403, "Not for this role", f"A {why.role} may not {why.change}.").response()


async def _not_allowed(_: Request, why: Exception) -> Response:
    assert isinstance(why, NotAllowed)
    names = ", ".join(why.allowed) or "nothing"
    ended = f" It ended in case {why.case.merged_into}." if why.case.merged_into else ""
    return Problem(
        409,
        "Not allowed now",
        f"A case that is {why.case.status} does not take {why.change}; it takes: {names}.{ended}",
        status_of_case=why.case.status,
        allowed=list(why.allowed),
    ).response()


async def _refused(_: Request, why: Exception) -> Response:
    assert isinstance(why, Refused)
    errors = [{"field": why.field, "detail": why.detail}]
    return Problem(422, "The change does not do", f"{why.field}: {why.detail}", errors=errors).response()
