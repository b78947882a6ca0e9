"""Answers as GeoReport v2 writes them: one content, as JSON or as XML; errors too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from xml.etree import ElementTree

import msgspec
from fastapi import Depends
from starlette.responses import Response
from starlette.types import Scope
from web.problems import Problem

BASE = "/open311/v2"
_ITEMS = {
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "errors": "error",
}
"""What one of a list is called in XML; in JSON it has no name."""


class Format(StrEnum):
    """The two there are, by the end of the address."""

    JSON = "json"
    XML = "xml"


MEDIA_TYPES = {Format.JSON: "application/json; charset=utf-8", Format.XML: "text/xml; charset=utf-8"}
CONTENT: dict[str, Any] = {"application/json": {}, "text/xml": {}}
ANSWERS: dict[int | str, dict[str, Any]] = {200: {"content": CONTENT}}
"""What a route documents of its answers."""


@dataclass(frozen=True, slots=True)
class Document:
    """An answer: the name of its root, which JSON leaves out, and what is in it."""

    root: str
    content: Sequence[Mapping[str, Any]] | Mapping[str, Any]

    def response(self, form: Format, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """The answer in a format."""
        body = msgspec.json.encode(self.content) if form is Format.JSON else _xml(self)
        return Response(body, status, dict(headers or {}), MEDIA_TYPES[form])


def _chosen(form: str) -> Format:
    """Raises Problem 404 for a format there isn't: to HTTP it is another address."""
    try:
        return Format(form)
    except ValueError:
        raise Problem(404, "Not Found", "There is .json and .xml here.") from None


ChosenFormat = Annotated[Format, Depends(_chosen)]


def answer_problem(problem: Problem, scope: Scope) -> Response:
    """A problem as GeoReport's errors: what we answer 422 is 400 there, and each wrong field is an error."""
    status = 400 if problem.status == 422 else problem.status
    named = [f"{error['field']}: {error['detail']}" for error in problem.more.get("errors", ())]
    errors = [{"code": str(status), "description": text} for text in named or [problem.detail]]
    form = Format.XML if scope["path"].endswith(".xml") else Format.JSON
    return Document("errors", errors).response(form, status, problem.headers)


def not_found(name: str, detail: str) -> Problem:
    """404 for what a name names."""
    return Problem(404, "Not Found", f"{name}: {detail}", errors=[{"field": name, "detail": detail}])


def _xml(document: Document) -> bytes:
    root = ElementTree.Element(document.root)
    _fill(root, document.root, document.content)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _fill(element: ElementTree.Element, name: str, value: Any) -> None:
    match value:
        case None:
            pass
        case bool():
            element.text = "true" if value else "false"
        case datetime():
            element.text = value.isoformat().replace("+00:00", "Z")
        case Mapping():
            for inner, content in value.items():
                _fill(ElementTree.SubElement(element, inner), inner, content)
        case list() | tuple():
            for one in value:
                _fill(ElementTree.SubElement(element, _ITEMS[name]), _ITEMS[name], one)
        case _:
            element.text = str(value)
