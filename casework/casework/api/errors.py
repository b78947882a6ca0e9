"""What a request is refused for, as problems that say what would do."""

from uuid import UUID

from fastapi import FastAPI, Request, Response
from web.problems import Problem

from casework.domain.rules import NotAllowed, NotPermitted, Refused


def not_found(report_id: UUID) -> Problem:
    """The same for what does not exist and what is another unit's."""
    return Problem(404, "No such case", f"There is no case {report_id} that you may see.")


def no_photo(report_id: UUID, number: int) -> Problem:
    """The same for what never was, is erased, and is not for this officer."""
    return Problem(404, "No such photo", f"There is no photo {number} of case {report_id} that you may see.")


def photos_away() -> Problem:
    """503 while the store of photos does not answer."""
    detail = "Where photos are kept does not answer. Ask again in a moment."
    return Problem(503, "Not at the moment", detail, {"Retry-After": "5"})


def stale(now: int, etag: str) -> Problem:
    """The problem of a change decided on another version than the one the case is at now."""
    detail = f"It is at version {now}, not at the one you saw: look again, then decide."
    return Problem(412, "The case has changed", detail, {"ETag": etag}, version=now)


def answer_refusals(api: FastAPI) -> None:
    """Let the refusals of the rules become problems."""
    api.add_exception_handler(NotPermitted, _not_permitted)
    api.add_exception_handler(NotAllowed, _not_allowed)
    api.add_exception_handler(Refused, _refused)


async def _not_permitted(_: Request, error: Exception) -> Response:
    assert isinstance(error, NotPermitted)
    return Problem(403, "Not for this role", f"A {error.role} may not {error.change}.").response()


async def _not_allowed(_: Request, error: Exception) -> Response:
    assert isinstance(error, NotAllowed)
    names = ", ".join(error.allowed) or "nothing"
    ended = f" It ended in case {error.case.merged_into}." if error.case.merged_into else ""
    return Problem(
        409,
        "Not allowed now",
        f"A case that is {error.case.status} does not take {error.change}; it takes: {names}.{ended}",
        status_of_case=error.case.status,
        allowed=list(error.allowed),
    ).response()


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    errors = [{"field": error.field, "detail": error.detail}]
    return Problem(422, "The change does not do", f"{error.field}: {error.detail}", errors=errors).response()
