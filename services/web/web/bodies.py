"""Bodies: bounded while they are read, of a type that is documented, JSON that means one thing."""

import json
import re
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.paths import Operation
from web.problems import Problem, field_problem

MAX_BODY = 256 * 1024
"""Bytes a body may have where an application does not say otherwise."""

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# What is empty between two semicolons belongs to the later: with two ways to read it, forty take for ever.
_PARAMETER = rf'[ \t]*;(?:[ \t]*({_TOKEN})=({_TOKEN}|"(?:[^"\\]|\\.)*"))?'
_MEDIA_TYPE = re.compile(rf"[ \t]*({_TOKEN}/{_TOKEN})((?:{_PARAMETER})*+)[ \t]*")
_BOM = b"\xef\xbb\xbf"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def media_type(headers: dict[bytes, bytes]) -> str | None:
    """The media type of a body in UTF-8, not compressed, as its headers say by the grammar of RFC 9110, 8.3.1.

    None for any other body.
    """
    match = _MEDIA_TYPE.fullmatch(headers.get(b"content-type", b"").decode("latin-1"))
    if match is None or headers.get(b"content-encoding", b"identity").lower() != b"identity":
        return None
    parameters = re.findall(_PARAMETER, match[2])
    charsets = {value.strip('"').lower() for name, value in parameters if name.lower() == "charset"}
    return match[1].lower() if charsets <= {"utf-8", "utf8"} else None


def is_json(headers: dict[bytes, bytes]) -> bool:
    """Is the body JSON in UTF-8, not compressed, as its headers say?"""
    return media_type(headers) == JSON


def without_bom(body: bytes) -> bytes:
    """The body without a byte-order mark, which RFC 8259 (8.1) lets readers ignore."""
    return body.removeprefix(_BOM)


def check_json(body: bytes) -> None:
    """Raises Problem 400 where it is no JSON, or JSON that readers could take in two ways."""
    try:
        json.loads(body.decode(), object_pairs_hook=_unambiguous, parse_constant=_no_constant)
    except RecursionError:
        raise _not_json("nested too deeply") from None
    except UnicodeError:
        raise _not_json("not UTF-8") from None
    except json.JSONDecodeError as wrong:
        raise _not_json(f"malformed at character {wrong.pos}") from None
    except ValueError as wrong:  # of the hooks, and of numbers with thousands of digits
        raise _not_json(str(wrong).partition(";")[0]) from None


async def read_bounded(headers: dict[bytes, bytes], receive: Receive, limit: int) -> bytes:
    """The whole body. Raises Problem 413 beyond `limit` bytes, declared or not; ClientDisconnect."""
    declared = headers.get(b"content-length", b"0")
    if not declared.isdigit() or len(declared) > 18 or int(declared) > limit:
        raise too_large(limit)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > limit:
            raise too_large(limit)
        if not message.get("more_body", False):
            return bytes(body)


def too_large(limit: int) -> Problem:
    """413 for a body beyond `limit` bytes."""
    return field_problem(413, "The body is too large", "body", f"it has at most {limit} bytes")


class Bodies:
    """In front of the routes: they get bodies whole, within `limit` bytes, and checked."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation: Operation | None = scope.get("operation")
        if operation is None:
            return await self._app(scope, receive, send)
        headers = dict(scope["headers"])
        body = await read_bounded(headers, receive, self._limit)
        if body and operation.bodies:
            kind = media_type(headers)
            if kind not in operation.bodies:
                wanted = f"send {' or '.join(operation.bodies)} in UTF-8, not compressed"
                raise field_problem(415, "The body is of another type", "Content-Type", wanted)
            if kind == JSON:
                body = without_bom(body)
                check_json(body)
        return await self._app(scope, _replayed(body, receive), send)


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for name, value in pairs:
        if not _is_text(name):
            raise ValueError("a name holds half of a surrogate pair")
        if _has_half(value):
            raise field_problem(
                422, "The request is not as documented", name[:64], "half of a surrogate pair is no text"
            )
    named = dict(pairs)
    if len(named) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return named


def _is_text(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _has_half(value: Any) -> bool:
    """Whether half of a character stands in a text, or in a list's; an object in it was looked at by itself."""
    if isinstance(value, list):
        return any(map(_has_half, value))
    return isinstance(value, str) and not _is_text(value)


def _no_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")


def _not_json(reason: str) -> Problem:
    return field_problem(400, "The body is not JSON", "body", f"{reason}; send one JSON value in UTF-8")
