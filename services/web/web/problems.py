"""Errors as problem+json (RFC 9457)."""

import re
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

_FOR_PROGRAMS = ("/v1/", "/static/")
_PAGES = re.compile(r"text/html(?:[ \t]*;[ \t]*q=(?:1(?:\.0{0,3})?|0\.(?!0*$)\d{1,3}))?", re.IGNORECASE)


class Problem(Exception):
    """An answer that says what is wrong and what to do. `errors` names fields: [{"field": …, "detail": …}]."""

    def __init__(self, status: int, title: str, detail: str, headers: dict[str, str] | None = None, **more: Any):
        super().__init__(f"{status} {title}: {detail}")
        self.status, self.title, self.detail, self.headers, self.more = status, title, detail, headers, more

    def response(self) -> JSONResponse:
        """The problem as application/problem+json."""
        body = {"type": "about:blank", "title": self.title, "status": self.status, "detail": self.detail, **self.more}
        return JSONResponse(body, self.status, self.headers, media_type="application/problem+json")


def answer_to(problem: Problem, scope: Scope) -> Response:
    """The problem as problem+json; as a page, to a browser that asks for one where the application has pages.

    Where a standard says how errors look, the application's state has `problem_answers`: by the beginning of a path
    what answers there.
    """
    state = getattr(scope.get("app"), "state", None)
    for beginning, answered in getattr(state, "problem_answers", {}).items():
        if scope["path"].startswith(beginning):
            there: Response = answered(problem, scope)
            return there
    page = getattr(state, "problem_page", None)
    if page is None or scope["path"].startswith(_FOR_PROGRAMS) or not reads_pages(Headers(scope=scope)):
        return problem.response()
    answer: Response = page(Request(scope), problem)
    return answer


def reads_pages(headers: Headers) -> bool:
    """Browsers name text/html (RFC 9110, 12.5.1) when they go to an address; other programs don't."""
    return any(_PAGES.fullmatch(part.strip(" \t")) for part in ", ".join(headers.getlist("accept")).split(","))


def field_problem(status: int, title: str, field: str, detail: str) -> Problem:
    """A problem with one field, parameter or header."""
    return Problem(status, title, f"{field}: {detail}", errors=[{"field": field, "detail": detail}])
