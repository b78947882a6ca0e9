"""What an API documents, by path and method: which methods there are, which query parameters, whether a body."""

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.routing import compile_path

from web.problems import Problem, field_problem

_METHODS = ("get", "post", "put", "patch", "delete")
_SHOWN = 64


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `query` says of each parameter whether it may be repeated; `bodies` are the media types
    of the bodies that are read.

    A page takes any parameter: what mails and other sites put at the end of a link is nobody's mistake.
    """

    query: Mapping[str, bool]
    bodies: Collection[str] = ()
    is_page: bool = False

    def check_query(self, query: bytes) -> None:
        """Raises Problem 422 for a parameter that is unknown, or repeated though it has one value."""
        seen = set()
        for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
            if name not in self.query:
                if self.is_page:
                    continue
                raise field_problem(422, "No such parameter", name[:_SHOWN], self._known(name))
            if name in seen and not self.query[name]:
                raise field_problem(422, "The parameter is repeated", name, "give it once")
            seen.add(name)

    def _known(self, name: str) -> str:
        if not self.query:
            return "no parameters are taken here"
        if near := difflib.get_close_matches(name[:_SHOWN], self.query, n=1):
            return f"unknown; did you mean {near[0]}?"
        return f"unknown; there are {', '.join(self.query)}"


class Paths:
    """The paths of an OpenAPI document, in its order."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._paths = [(compile_path(path)[0], _operations(item)) for path, item in document["paths"].items()]
        for path in ("/docs", "/openapi.json"):
            self._paths.append((re.compile(re.escape(path) + "$"), {"GET": Operation({})}))

    def methods(self, path: str) -> dict[str, Operation]:
        """The operations by method; none where the API documents no such path. HEAD is wherever GET is."""
        found: dict[str, Operation] = {}
        for pattern, operations in self._paths:
            if pattern.fullmatch(path):
                found = {**operations, **found}
        if "GET" in found:
            found["HEAD"] = found["GET"]
        return found


def allowed(methods: Mapping[str, Operation]) -> str:
    """The value of an Allow header."""
    return ", ".join(sorted({*methods, "OPTIONS"}))


def not_allowed(methods: Mapping[str, Operation]) -> Problem:
    """The answer to a method that a path does not have."""
    names = allowed(methods)
    return Problem(405, "Method Not Allowed", f"There is {names} here.", {"Allow": names})


def _operations(item: Mapping[str, Any]) -> dict[str, Operation]:
    return {method.upper(): _operation(item[method]) for method in _METHODS if method in item}


def _operation(documented: Mapping[str, Any]) -> Operation:
    parameters = [parameter for parameter in documented.get("parameters", ()) if parameter["in"] == "query"]
    query = {parameter["name"]: _is_list(parameter["schema"]) for parameter in parameters}
    answered = documented.get("responses", {}).get("200", {}).get("content", {})
    bodies = documented.get("requestBody", {}).get("content", {})
    return Operation(query, tuple(bodies), "text/html" in answered)


def _is_list(schema: Mapping[str, Any]) -> bool:
    return any(option.get("type") == "array" for option in (schema, *schema.get("anyOf", ())))
