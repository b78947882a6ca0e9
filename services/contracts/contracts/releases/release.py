"""A release of the contracts as facts: topics, schemas, and example messages; as code has them, and as files keep them.

A file holds a fact a line, so that what a release changed is what its file's difference shows.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from contracts import RELEASE
from contracts.envelope import Unusable, decode
from contracts.examples import examples
from contracts.releases.comparison import Comparison, without_annotations
from contracts.topics import EVENTS, TOPICS, partner_topics, topic_named

FOLDER = Path(__file__).parent
Facts = dict[str, Any]


@dataclass(frozen=True)
class Release:
    """What a release said.

    `topics` by name: events, base, partitions, compacted, retention_ms (-1 for ever); `schemas` of events and bases by
    name, `definitions` what they refer to, `examples` as their files have them.
    """

    version: str
    topics: Facts
    schemas: Facts
    definitions: Facts
    examples: Facts

    @property
    def contracts(self) -> tuple[Facts, Facts, Facts]:
        """What readers go by: two releases that agree in it are the same."""
        return self.topics, self.schemas, self.definitions


def current() -> Release:
    """The release the code is, or is about to be."""
    topics = (*TOPICS, *partner_topics(["agency"]))
    bases = {topic.base.__name__: topic.base for topic in topics if topic.base is not None}
    classes = {**bases, **EVENTS}
    # By way of JSON, as files have them: there a tuple is a list.
    schemas, definitions = json.loads(json.dumps(msgspec.json.schema_components(classes.values())))
    return Release(
        version=RELEASE,
        topics={
            topic.name: {
                "events": sorted(event.__name__ for event in topic.events),
                "base": topic.base.__name__ if topic.base else None,
                "partitions": topic.partitions,
                "compacted": topic.compacted,
                "retention_ms": int(topic.config.get("retention.ms", -1)),
            }
            for topic in topics
        },
        schemas=dict(zip(classes, without_annotations(schemas), strict=True)),
        definitions={name: without_annotations(schema) for name, schema in definitions.items()},
        examples={
            f"{example.event}/{example.name}": {
                "topic": example.message.topic,
                "key": example.message.key,
                "headers": {name: raw.decode() for name, raw in example.message.headers},
                "value": json.loads(example.message.value or b"null"),
            }
            for example in examples()
        },
    )


def kept_releases(folder: Path = FOLDER) -> list[Release]:
    """Every release that is kept, oldest first."""
    files = [file for file in folder.glob("*.json") if re.fullmatch(r"\d+\.\d+\.\d+", file.stem)]
    ordered = sorted(files, key=lambda file: [int(number) for number in file.stem.split(".")])
    return [Release(**json.loads(file.read_text(encoding="utf-8"))) for file in ordered]


def keep(release: Release, folder: Path = FOLDER) -> Path:
    """Write a release's file, a fact a line; gives the file."""
    parts = [f'"version": {json.dumps(release.version)}']
    for name in ("topics", "schemas", "definitions", "examples"):
        facts = sorted(getattr(release, name).items())
        lines = [f"{json.dumps(key)}: {json.dumps(fact, ensure_ascii=False, sort_keys=True)}" for key, fact in facts]
        parts.append(f'"{name}": {{\n' + ",\n".join(lines) + "\n}")
    file = folder / f"{release.version}.json"
    file.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
    return file


def breaks(then: Release, now: Release) -> list[str]:
    """What of an earlier release readers can't rely on any more; each names the change and who stumbles over it."""
    comparison = Comparison(then.definitions, now.definitions)
    found: list[str] = []
    for name, was in then.topics.items():
        if name not in now.topics:
            found.append(f"the topic {name} is gone")
            continue
        found += [f"{name}: {change}" for change in _topic_breaks(was, now.topics[name])]
        found += _base_breaks(name, was["base"], now.topics[name]["base"], comparison, then, now)
    said = {event for topic in then.topics.values() for event in topic["events"]}
    for name in sorted(said):
        if name in now.schemas:
            found += comparison.breaks(name, then.schemas[name], now.schemas[name])
        else:
            found.append(f"the event {name} is gone, and messages of it are kept")
    return [*dict.fromkeys(found), *_unreadable(then)]


def _topic_breaks(was: Facts, is_now: Facts) -> Iterator[str]:
    yield from (f"{event} is no longer said there" for event in was["events"] if event not in is_now["events"])
    for fact in ("partitions", "compacted"):
        if was[fact] != is_now[fact]:
            yield f"{fact} was {was[fact]}, is {is_now[fact]}"
    kept_then, kept_now = (float("inf") if days < 0 else days for days in (was["retention_ms"], is_now["retention_ms"]))
    if kept_now < kept_then:
        yield f"retention_ms was {was['retention_ms']}, is {is_now['retention_ms']}: readers come too late"


def _base_breaks(
    topic: str, was: str | None, is_now: str | None, comparison: Comparison, then: Release, now: Release
) -> Iterator[str]:
    if was is not None and is_now is None:
        yield f"{topic} has no base any more: a reader of then can't read what it does not know"
    elif was is not None and is_now is not None:
        yield from comparison.breaks(f"base {is_now}", then.schemas[was], now.schemas[is_now])


def _unreadable(then: Release) -> Iterator[str]:
    """Messages of then that today's code reads as something else, or not at all."""
    for name, example in then.examples.items():
        headers = [(header, text.encode()) for header, text in example["headers"].items()]
        topic = topic_named(example["topic"])
        try:
            event = decode(headers, msgspec.json.encode(example["value"])).data
        except Unusable as why:
            yield f"the example {name} can't be read any more: {why}"
            continue
        if type(event).__name__ != name.partition("/")[0] or topic is None or not isinstance(event, topic.events):
            yield f"the example {name} is read as a {type(event).__name__}, and not on {example['topic']}"
        elif event.key != example["key"]:
            yield f"the example {name} has the key {event.key!r}, had {example['key']!r}: the order of its topic breaks"
