"""What the registry says of readers and writers is what the services do."""

import ast
from importlib import import_module
from pathlib import Path

import pytest
from contracts import topics
from contracts.policy.heartbeats import heartbeat_topics
from contracts.topics import AGENCY, DISTRICT, PUBLIC_REPORT, REPORT_SUBMITTED, SERVICES, TOPICS

ROOT = Path(__file__).resolve().parents[2]
# Read without a group: boundaries by whoever places, agencies by who refers and tells, what they wrote themselves by
# intake and public-map.
BESIDE = {
    "routing": {DISTRICT.name},
    "public-map": {DISTRICT.name, PUBLIC_REPORT.name},
    "casework": {DISTRICT.name, AGENCY.name},
    "notifier": {AGENCY.name},
    "intake": {REPORT_SUBMITTED.name},
}


def read_by(service: str) -> set[str]:
    app = import_module(f"{service.replace('-', '_')}.app")
    by_the_shell = {topic.name for topic in heartbeat_topics(service)}
    return {topic.name for topic in getattr(app, "TOPICS", ())} | BESIDE.get(service, set()) | by_the_shell


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_what_the_registry_says(service: str) -> None:
    registered = {topic.name for topic in TOPICS if service in topic.readers}
    assert read_by(service) == registered
    assert registered


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_names_no_topic_it_neither_reads_nor_writes(service: str) -> None:
    named = set()
    for file in (ROOT / service).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "contracts.topics":
                named |= {alias.name for alias in node.names}
    theirs = [getattr(topics, name) for name in named if isinstance(getattr(topics, name), topics.Topic)]
    allowed = {topic.name for topic in TOPICS if service in (*topic.readers, *topic.writers)}
    assert {topic.name for topic in theirs} <= allowed
