"""Errors as problem+json (RFC 9457)."""

from typing import Any

from starlette.responses import JSONResponse


class Problem(Exception):
    """An answer that says what is wrong and what to do. `errors` names fields: [{"field": …, "detail": …}]."""

    def __init__(self, status: int, title: str, detail: str, headers: dict[str, str] | None = None, **more: Any):
        super().__init__(f"{status} {title}: {detail}")
        self.status, self.title, self.detail, self.headers, self.more = status, title, detail, headers, more

    def response(self) -> JSONResponse:
        """The problem as application/problem+json."""
        body = {"type": "about:blank", "title": self.title, "status": self.status, "detail": self.detail, **self.more}
        return JSONResponse(body, self.status, self.headers, media_type="application/problem+json")


def field_problem(status: int, title: str, field: str, detail: str) -> Problem:
    """A problem with one field, parameter or header."""
    return Problem(status, title, f"{field}: {detail}", errors=[{"field": field, "detail": detail}])
