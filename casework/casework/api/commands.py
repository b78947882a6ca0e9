"""A change as an officer asks for it: of which case, from which version; the case locked for it, and its writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from chassis.outbox import event_time
from chassis.postgres import Connection
from contracts.events.cases import CaseChange, CaseTransferred, Role
from contracts.policy.regions import Region
from fastapi import Depends, Header, Response
from web.etags import EntityTags, entity_tags
from web.problems import Problem

from casework.api.dependencies import CurrentOfficer, Dependencies, FromApplication
from casework.api.errors import not_found, stale
from casework.api.schemas import CaseOwner, ChangeResult
from casework.domain.case import Case, apply
from casework.domain.handovers import Merger
from casework.domain.officers import Officer
from casework.domain.records import Transition
from casework.domain.regions.handed import leaves, require_free
from casework.domain.rules import Change, NotPermitted, allowed_changes, permits
from casework.store.cases import lock_case, update_cases, update_survivor
from casework.store.identity import set_identity
from casework.store.regions.handing import insert_hand_over, list_absorbing


@dataclass(frozen=True, slots=True)
class LockedCase:
    """A case nobody else changes meanwhile, the officer and the moment: what a change is decided from."""

    connection: Connection
    officer: Officer
    case: Case
    at: datetime
    response: Response

    @property
    def actor(self) -> Role:
        """The role the change is made in."""
        return self.officer.role

    def update(self, event: CaseChange, note: str | None = None, key: str | None = None) -> ChangeResult:
        """Write the change. `note` is the officer's words, which stay in the history; `key` is a check's."""
        after = apply(self.case, event)
        change = Transition(event=event, after=after, officer=self.officer.subject, note=note, key=key)
        update_cases(self.connection, [change])
        return self.result(after)

    def transfer(self, event: CaseTransferred, reason: str, region: Region) -> ChangeResult:
        """Write the transfer; to another region all of the case goes along. Raises Refused where it has to stay."""
        if not leaves(region, event):
            return self.update(event, reason)
        require_free(self.case, bool(list_absorbing(self.connection, [self.case.report_id])))
        after = apply(self.case, event)
        change = Transition(event=event, after=after, officer=self.officer.subject, note=reason)
        insert_hand_over(self.connection, change, region.plan.answering(after.owner.garrison, after.submitted_at))
        return self.result(after)

    def result(self, after: Case) -> ChangeResult:
        """The answer that says how the case is now."""
        self.response.headers["ETag"] = etag(after.version)
        return ChangeResult(
            report_id=after.report_id,
            number=after.number,
            version=after.version,
            status=after.status,
            owner=CaseOwner.model_validate(after.owner),
            changed_at=after.changed_at,
            allowed=list(allowed_changes(after, self.actor)),
        )

    def update_survivor(self, merger: Merger) -> None:
        """Write what a merger of this case does to the surviving one."""
        counted = Transition(
            event=merger.counted,
            after=apply(merger.survivor, merger.counted),
            officer=self.officer.subject,
            role=self.actor,
            absorbed=self.case.report_id,
        )
        update_survivor(self.connection, counted, merger.earlier)


@dataclass(frozen=True, slots=True)
class CaseCommand:
    """A request to change a case from the version the officer saw."""

    given: Dependencies
    officer: Officer
    report_id: UUID
    seen: EntityTags
    response: Response

    @contextmanager
    def transaction(self, change: Change) -> Iterator[Connection]:
        """The transaction of a change, as this officer. Raises NotPermitted where the role never makes it."""
        if not permits(self.officer.role, change):
            raise NotPermitted(change, self.officer.role)
        with self.given.database.transaction() as connection:
            set_identity(connection, self.officer)
            yield connection

    def lock(self, connection: Connection) -> LockedCase:
        """The case, locked. Raises Problem: 404 out of sight, 412 where somebody changed it meanwhile."""
        locked = self.lock_as_it_is(connection)
        self.require_seen(locked.case)
        return locked

    def lock_as_it_is(self, connection: Connection) -> LockedCase:
        """The case, locked, at whatever version. Raises Problem: 404 out of sight."""
        case = lock_case(connection, self.report_id)
        if case is None:
            raise not_found(self.report_id)
        return LockedCase(connection, self.officer, case, event_time(connection), self.response)

    def require_seen(self, case: Case) -> None:
        """Raises Problem 412 where somebody changed the case since the officer saw it."""
        if str(case.version) not in self.seen.strong:  # as If-Match compares: a weak tag is never the same
            raise stale(case.version, etag(case.version))

    @contextmanager
    def locked(self, change: Change) -> Iterator[LockedCase]:
        """The case, locked in the transaction of a change. Raises what `transaction` and `lock` raise."""
        with self.transaction(change) as connection:
            yield self.lock(connection)


def case_command(
    given: FromApplication,
    officer: CurrentOfficer,
    report_id: UUID,
    response: Response,
    if_match: Annotated[list[str] | None, Header(description="the version you saw, as the ETag said it")] = None,
) -> CaseCommand:
    """The command in a request. Raises Problem: 428 where `If-Match` names no version, 400 where it is garbage."""
    if not if_match:
        raise Problem(428, "Version missing", "Send If-Match with the version you saw, which GET gives as ETag.")
    try:
        seen = entity_tags(", ".join(if_match))
    except ValueError:
        raise Problem(400, "Not a version", 'If-Match must be a version in quotation marks, such as "3".') from None
    if seen.any:
        raise Problem(428, "Version missing", "If-Match: * names no version; send the one you saw.")
    return CaseCommand(given, officer, report_id, seen, response)


Command = Annotated[CaseCommand, Depends(case_command)]


def etag(version: int) -> str:
    """A case's version as an entity tag."""
    return f'"{version}"'
