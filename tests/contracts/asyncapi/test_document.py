"""The AsyncAPI document says what the registry says, its examples are real messages, and AsyncAPI's parser takes it."""

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from contracts import schemas
from contracts.asyncapi.document import FILE, document, open_topics, published, text
from contracts.envelope import decode
from contracts.topics import TOPICS, agency_of, others_write
from jsonschema import Draft7Validator

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = document()
EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{example['name']}")
    for name, message in DOCUMENT["components"]["messages"].items()
    for example in message.get("examples", ())
]


def test_every_topic_that_is_not_ours_alone_is_there_with_its_events_and_no_other() -> None:
    named = {channel["address"]: channel for channel in DOCUMENT["channels"].values()}
    topics = {topic.name.replace(".agency.", ".{agency}."): topic for topic in open_topics()}
    assert named.keys() == topics.keys()
    assert {topic.name for topic in TOPICS if not topic.name.startswith("kmzb.internal.")} <= topics.keys()
    for address, topic in topics.items():
        channel = named[address]
        beside = {"ReportLeft"} if topic.compacted else set()
        beside |= {"ConnectionTest"} if agency_of(topic) and not others_write(topic) else set()
        assert channel["messages"].keys() == {event.__name__ for event in topic.events} | beside
        assert ("{agency}" in address) == ("parameters" in channel)
        assert channel["bindings"]["kafka"]["partitions"] == topic.partitions


def test_nothing_of_what_is_ours_alone_is_named() -> None:
    assert "kmzb.internal" not in text()


def test_what_is_served_is_what_the_code_says_and_a_stale_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert published() == DOCUMENT
    assert list(schemas.stale_schemas()) == []
    stale = tmp_path / FILE.name
    stale.write_text(text().replace("ReportLeft", "ReportGone"), encoding="utf-8")
    monkeypatch.setattr("contracts.schemas.asyncapi.FILE", stale)
    assert list(schemas.stale_schemas()) == ["asyncapi.json is not what the code says: run `make schemas`"]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_is_read_by_our_own_decoder_and_is_as_its_schemas_say(name: str, example: dict[str, Any]) -> None:
    headers = [(header, value.encode()) for header, value in example["headers"].items()]
    event = decode(headers, json.dumps(example["payload"]).encode()).data
    assert type(event).__name__ == name
    message = DOCUMENT["components"]["messages"][name]
    for part in ("headers", "payload"):
        Draft7Validator({**message[part], "components": DOCUMENT["components"]}).validate(example[part])
    key = message["bindings"]["kafka"]["key"]
    Draft7Validator(key).validate(event.key)


def test_every_event_has_examples() -> None:
    messages = DOCUMENT["components"]["messages"]
    assert all(len(messages[event.__name__]["examples"]) >= 2 for topic in open_topics() for event in topic.events)


@pytest.mark.long
def test_the_parser_refuses_a_document_that_is_wrong(tmp_path: Path) -> None:
    wrong = copy.deepcopy(DOCUMENT)
    del wrong["channels"]["answer"]
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(wrong), encoding="utf-8")
    command = ["node", str(ROOT / "deploy" / "checks" / "asyncapi.js"), str(file)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=50, cwd=ROOT)
    assert said.returncode == 1, said.stdout + said.stderr
    assert "channels/answer" in said.stdout
