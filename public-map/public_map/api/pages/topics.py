"""`GET /docs/topics`: what can be read and written on Kafka, as a page; `GET /asyncapi.json`: the same for programs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.asyncapi.document import published
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from web.design.pages import Pages

_MEDIA_TYPE = "application/vnd.aai.asyncapi+json;version=3.1.0"
_KEPT = "public, max-age=300"
_DAY_MS = 86_400_000
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message as a reader wants to know it."""

    name: str
    kind: str
    required: bool
    says: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a channel. `examples`: what each is called, its headers and its value as JSON text."""

    name: str
    says: str
    fields: tuple[Field, ...]
    examples: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """A topic as others see it: `yours` where they write."""

    name: str
    address: str
    says: str
    yours: bool
    facts: Mapping[str, str]
    messages: tuple[Message, ...]


def topic_routes(pages: Pages) -> APIRouter:
    """The routes: both say the AsyncAPI document of the contracts."""
    routes = APIRouter(tags=["topics"])
    document = published()
    values = {
        "about": document["info"]["description"].split("\n\n"),
        "release": document["info"]["version"],
        "server": document["servers"]["brokers"]["description"],
        "context": _fields(document["components"]["schemas"]["Context"], {}),
        "channels": [_channel(document, name) for name in document["channels"]],
    }

    @routes.get("/docs/topics", summary="The topics others read and write", response_class=HTMLResponse)
    def page(request: Request) -> Response:
        return pages.render(request, "topics.html", **values)

    @routes.get("/asyncapi.json", summary="The topics others read and write, as an AsyncAPI 3 document")
    def asyncapi() -> JSONResponse:
        return JSONResponse(document, headers={"Cache-Control": _KEPT}, media_type=_MEDIA_TYPE)

    return routes


def _channel(document: Schema, name: str) -> Channel:
    channel, components = document["channels"][name], document["components"]
    kafka = channel["bindings"]["kafka"]
    actions = {
        each["action"] for each in document["operations"].values() if each["channel"]["$ref"].endswith(f"/{name}")
    }
    return Channel(
        name,
        channel["address"],
        channel["description"],
        actions == {"receive"},
        {"Partitions": str(kafka["partitions"]), "Kept": _kept(kafka["topicConfiguration"])},
        tuple(_message(components["messages"][each], components["schemas"]) for each in channel["messages"]),
    )


def _kept(configuration: Schema) -> str:
    if configuration["cleanup.policy"] == ["compact"]:
        return f"the newest message of each key; tombstones {configuration['delete.retention.ms'] // _DAY_MS} days"
    return f"{configuration['retention.ms'] // _DAY_MS} days"


def _message(message: Schema, schemas: Schema) -> Message:
    payload = _resolved(message["payload"], schemas)
    examples = tuple(
        (example["name"], _text(example["headers"]), _text(example["payload"]))
        for example in message.get("examples", ())
    )
    return Message(message["name"], " ".join(message["description"].split()), _fields(payload, schemas), examples)


def _fields(schema: Schema, schemas: Schema) -> tuple[Field, ...]:
    required = schema.get("required", ())
    found = ((name, _resolved(part, schemas)) for name, part in schema.get("properties", {}).items())
    listed = [
        Field(name, ", ".join(_kinds(part, schemas)), name in required, part.get("description", ""))
        for name, part in found
    ]
    return tuple(sorted(listed, key=lambda field: not field.required))


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    if "$ref" in schema:
        found: Schema = schemas[schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _kinds(schema: Schema, schemas: Schema) -> Iterator[str]:
    """What a value may be, in words: its values, its format or type, its bounds."""
    for part in schema.get("anyOf", ()):
        yield from _kinds(_resolved(part, schemas), schemas)
    if "enum" in schema:
        yield " | ".join(map(str, schema["enum"]))
    elif "const" in schema:
        yield str(schema["const"])
    elif "type" in schema:
        yield schema.get("format", schema["type"])
    for low, high, unit in (("minimum", "maximum", ""), ("minLength", "maxLength", " characters")):
        if low in schema or high in schema:
            yield f"{schema.get(low, 0)} to {schema[high]}{unit}" if high in schema else f"{schema[low]} or more{unit}"


def _text(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)
