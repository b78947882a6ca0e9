"""The AsyncAPI 3.1 document of all topics that are not ours alone, made from the registry and the events' classes.

`python -m contracts.schemas` writes it beside this file and compares it. An application in AsyncAPI's sense is KMZB:
what it sends, others receive; what it receives, they send.
"""

import json
from importlib import resources
from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec

from contracts import RELEASE
from contracts.asyncapi.messages import CONTEXT, connection_test, left, message
from contracts.topic import AGENCY_CODE
from contracts.topics import (
    ANYONE,
    MIN_IN_SYNC,
    OURS,
    REPLICATION,
    TOPICS,
    Topic,
    agency_of,
    others_write,
    partner_topics,
)

FILE = Path(__file__).with_name("asyncapi.json")
BINDINGS = "0.5.0"
"""Of the Kafka bindings: https://github.com/asyncapi/bindings/tree/master/kafka"""
_AGENCY = "agency"
_SCHEMAS = "#/components/schemas/"
_SAYS = """\
What Poland's National Security Threat Map says on Kafka to everyone and to other agencies, and what agencies answer.

Messages are CloudEvents 1.0 in Kafka's binary mode: the event as JSON in the value, its context in headers, the
report's id as the key. Delivery is at least once; the messages of one report keep their order. Releases only add:
ignore fields and types you do not know. Not an emergency channel: call 112."""
_SERVER = """\
Over TLS, as the user and with the password in the folder your agency was handed; with a certificate of its own where
the brokers ask for one. Consumer groups begin with your agency's code and a dot."""


def open_topics() -> list[Topic]:
    """The topics others read or write; of the agencies' topics one pair, of an agency whose code is `agency`."""
    ours = OURS - {ANYONE}
    return [topic for topic in (*TOPICS, *partner_topics([_AGENCY])) if not {*topic.readers, *topic.writers} <= ours]


def document() -> dict[str, Any]:
    """The document, made anew."""
    topics = open_topics()
    return {
        "asyncapi": "3.1.0",
        "id": "urn:kmzb:topics",
        "info": {
            "title": "KMZB topics",
            "version": RELEASE,
            "description": _SAYS,
            "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/en/"},
            "tags": [{"name": "public", "description": "for everyone"}, {"name": "partner", "description": "agencies"}],
        },
        "defaultContentType": "application/json",
        "servers": {
            "brokers": {
                "host": "{brokers}",
                "protocol": "kafka-secure",
                "description": _SERVER,
                "variables": {
                    "brokers": {
                        "description": "`bootstrap.servers` of the folder you were handed",
                        "examples": ["kafka.example:9093"],
                    }
                },
                "security": [{"$ref": "#/components/securitySchemes/password"}],
            }
        },
        "channels": {_short(topic): _channel(topic) for topic in topics},
        "operations": {_action(topic) + _short(topic).capitalize(): _operation(topic) for topic in topics},
        "components": {
            "securitySchemes": {
                "password": {"type": "scramSha512", "description": "SASL/SCRAM-SHA-512, as `agency.<code>`"}
            },
            "messages": {name: said for topic in topics for name, said in _messages(topic).items()},
            "schemas": {"Context": CONTEXT, **_schemas(topics)},
        },
    }


def text() -> str:
    """The document as it stands in its file."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def published() -> dict[str, Any]:
    """The document of this release, read from its file."""
    found: dict[str, Any] = json.loads(resources.files("contracts.asyncapi").joinpath(FILE.name).read_text("utf-8"))
    return found


def _short(topic: Topic) -> str:
    """What a topic is called within the document: report, referral, answer."""
    return topic.name.split(".")[-2]


def _action(topic: Topic) -> str:
    return "receive" if others_write(topic) else "send"


def _channel(topic: Topic) -> dict[str, Any]:
    partner = agency_of(topic) is not None
    parameter = {"description": f"the agency's code, {AGENCY_CODE}", "examples": ["road-manager"]}
    return {
        "address": topic.name.replace(f".{_AGENCY}.", ".{agency}."),
        "title": _short(topic),
        "description": topic.says.replace(_AGENCY, "the agency"),
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _messages(topic)},
        **({"parameters": {"agency": parameter}} if partner else {}),
        "tags": [{"name": "partner" if partner else "public"}],
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "replicas": REPLICATION,
                "topicConfiguration": {
                    "cleanup.policy": [topic.cleanup],
                    **{name: int(value) for name, value in topic.config.items() if value.lstrip("-").isdigit()},
                    "compression.type": topic.config["compression.type"],
                    "min.insync.replicas": MIN_IN_SYNC,
                },
                "bindingVersion": BINDINGS,
            }
        },
    }


def _operation(topic: Topic) -> dict[str, Any]:
    channel = f"#/channels/{_short(topic)}"
    return {
        "action": _action(topic),
        "channel": {"$ref": channel},
        "summary": "You write there, KMZB reads it." if others_write(topic) else "KMZB writes there, you read it.",
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in _messages(topic)],
    }


def _messages(topic: Topic) -> dict[str, Any]:
    found = {event.__name__: message(event) for event in topic.events}
    if topic.compacted:
        found["ReportLeft"] = left(topic)
    if agency_of(topic) and not others_write(topic):
        found["ConnectionTest"] = connection_test()
    return {name: {**said, "bindings": _bound(topic, name)} for name, said in found.items()}


def _bound(topic: Topic, name: str) -> dict[str, Any]:
    key = AGENCY_CODE if name == "ConnectionTest" else topic.key
    described = "the agency's code" if name == "ConnectionTest" else "the report's id"
    schema = {"type": "string", "pattern": f"^{key}$", "description": described}
    return {"kafka": {"key": schema, "bindingVersion": BINDINGS}}


def _schemas(topics: list[Topic]) -> dict[str, Any]:
    events = [event for topic in topics for event in topic.events]
    _, found = msgspec.json.schema_components(events, ref_template=_SCHEMAS + "{name}")
    # By way of JSON, as the file has it: there a tuple is a list.
    schemas: dict[str, Any] = json.loads(json.dumps(found, sort_keys=True))
    return {name: {**said, "description": cleandoc(said.get("description", name))} for name, said in schemas.items()}
