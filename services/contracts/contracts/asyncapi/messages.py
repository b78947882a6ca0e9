"""The messages of the AsyncAPI document: their headers, their fields, examples that our own decoder reads."""

import json
from inspect import cleandoc
from typing import Any

from contracts.base import Event
from contracts.envelope import CONNECTION_TEST, TYPE_PREFIX
from contracts.examples import examples
from contracts.topic import Topic

_INSTANT = {"type": "string", "format": "date-time"}
_WRITTEN = ("ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "content-type")
CONTEXT: dict[str, Any] = {
    "type": "object",
    "title": "Context",
    "description": "The context of a CloudEvent, each header once, in UTF-8.",
    "required": list(_WRITTEN),
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0", "description": "of CloudEvents"},
        "ce_id": {
            "type": "string",
            "format": "uuid",
            "description": "the same when the message is repeated: what you have handled under it, do not handle again",
        },
        "ce_type": {"type": "string", "description": "which event the value is"},
        "ce_source": {
            "type": "string",
            "format": "uri-reference",
            "description": "who wrote it; an agency names itself, /road-manager",
        },
        "ce_subject": {"type": "string", "description": "the key once more"},
        "ce_time": {**_INSTANT, "description": "when it was written, with a zone"},
        "ce_dataschema": {
            "type": "string",
            "pattern": r"^urn:kmzb:\w+\.v1:\d{1,6}\.\d{1,6}\.\d{1,6}$",
            "description": "the event's schema and the writer's release of the contracts; agencies may leave it away",
        },
        "ce_submittedat": {**_INSTANT, "description": "when the citizen pressed the button; not always there"},
        "content-type": {"type": "string", "description": "application/json"},
        "traceparent": {
            "type": "string",
            "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
            "description": "a W3C trace context; not always there",
        },
    },
}
"""The JSON Schema of what stands in every message's headers. Kafka's are bytes; what they say is text."""


def message(event: type[Event]) -> dict[str, Any]:
    """The message of an event."""
    name = event.__name__
    said = cleandoc(event.__doc__ or name)
    partner = "referral_id" in event.__struct_fields__
    correlation = {"location": "$message.payload#/referral_id", "description": "the referral that is answered"}
    return {
        "name": name,
        "title": name,
        "summary": said.partition("\n")[0],
        "description": said,
        "contentType": "application/json",
        "headers": _headers(f"{TYPE_PREFIX}{name}.v1"),
        "payload": {"$ref": f"#/components/schemas/{name}"},
        **({"correlationId": correlation} if partner else {}),
        "examples": [
            {
                "name": example.name,
                "summary": f"{example.event}, {example.name}",
                "headers": {header: raw.decode() for header, raw in example.message.headers},
                "payload": json.loads(example.message.value or b"null"),
            }
            for example in examples()
            # What agencies say by another way comes on a topic of ours.
            if example.event == name and ".internal." not in example.message.topic
        ],
    }


def left(topic: Topic) -> dict[str, Any]:
    """The tombstone of a compacted topic: a key without a value."""
    said = "A key without a value, and without headers: the report has left the map. Drop what you have under the key."
    return {
        "name": "ReportLeft",
        "title": "ReportLeft",
        "summary": "A tombstone: the report has left the map.",
        "description": f"{said} Tombstones are kept {int(topic.settings['delete.retention.ms']) // 86_400_000} days.",
        "headers": {"type": "object", "maxProperties": 0},
        "payload": {"type": "null"},
    }


def connection_test() -> dict[str, Any]:
    """What waits on the topic of a new agency, and says nothing of any threat."""
    said = "Waits on the topic of an agency that is new, or has a new password: it can connect. Nothing is to be done."
    return {
        "name": "ConnectionTest",
        "title": "ConnectionTest",
        "summary": "You are connected.",
        "description": said,
        "contentType": "application/json",
        "headers": _headers(CONNECTION_TEST),
        "payload": {"type": "object", "required": ["says"], "properties": {"says": {"type": "string"}}},
    }


def _headers(type_name: str) -> dict[str, Any]:
    own = {"type": "object", "properties": {"ce_type": {"type": "string", "const": type_name}}}
    return {"type": "object", "allOf": [{"$ref": "#/components/schemas/Context"}, own]}
