"""Alarms and dashboard against what the services export: a misspelt name would stay silent for ever."""

import json
import re
import subprocess
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from contracts.topics import SERVICES
from deploy.dashboards.__main__ import text
from deploy.dashboards.boards import BOARDS
from deploy.stack.servers import prometheus
from prometheus_client import REGISTRY
from ruamel.yaml import YAML

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
RULES: list[dict[str, Any]] = [
    rule
    for group in YAML(typ="safe").load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
RECORDED: dict[str, str] = {
    rule["record"]: rule["expr"]
    for group in YAML(typ="safe").load((DEPLOY / "prometheus/recording.yml").read_text())["groups"]
    for rule in group["rules"]
}
DASHBOARDS: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_text()) for file in sorted((DEPLOY / "grafana/dashboards").glob("*.json"))
}
PANELS: list[dict[str, Any]] = [panel for each in DASHBOARDS.values() for panel in each["panels"]]
QUESTIONS = [target["expr"] for panel in PANELS for target in panel.get("targets", ())]
QUESTIONS += [each["query"]["query"] for board in DASHBOARDS.values() for each in board["templating"]["list"]]
QUESTIONS += RECORDED.values()
# Every figure the design pins, so that none is exported and looked at by nobody.
PINNED = {
    "kmzb_intake_reports_total",
    "kmzb_routing_reports_total",
    "kmzb_event_age_seconds",
    "kmzb_consumer_lag_messages",
    "kmzb_consumer_lag_seconds",
    "kmzb_outbox_oldest_seconds",
    "kmzb_duplicates_total",
    "kmzb_sla_open",
    "kmzb_sla_decided_total",
    "kmzb_sla_lateness_seconds",
    "kmzb_notices_total",
    "kmzb_dead_letters_total",
    "kmzb_dead_letter_depth",
    "kmzb_redis_fallback_total",
}


@pytest.fixture(scope="module")
def exported() -> set[str]:
    """The names of all series the services can export, from the metrics their modules make."""
    for service in SERVICES:
        package = import_module(service.replace("-", "_"))
        for module in iter_modules(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
    return {
        metric.name + ending
        for metric in REGISTRY.collect()
        if metric.name.startswith("kmzb_")
        for ending in endings[metric.type]
    }


def names(text: str) -> set[str]:
    return set(re.findall(r"(?<![:\w])kmzb_[a-z_]+", text))


def test_dashboards_are_written_by_their_code() -> None:
    files = {file.stem: file.read_text("utf-8") for file in (DEPLOY / "grafana/dashboards").iterdir()}
    assert files == {name: text(board) for name, board in BOARDS.items()}, "python -m deploy.dashboards"


def test_what_is_recorded_is_asked_for_and_what_is_asked_for_is_recorded() -> None:
    asked = {name for question in QUESTIONS for name in re.findall(r"\b[a-z_]+:[a-z_]+:\w+", question)}
    assert asked == RECORDED.keys()


def test_alarms_and_dashboard_ask_for_what_is_exported(exported: set[str]) -> None:
    asked = {name for rule in RULES for name in names(rule["expr"])} | {
        name for each in QUESTIONS for name in names(each)
    }
    assert asked - exported == set()
    assert {name for name in PINNED if not any(each.startswith(name) for each in asked)} == set()


def test_names_in_what_to_do_exist_too(exported: set[str]) -> None:
    told = {name for rule in RULES for text in rule["annotations"].values() for name in names(text)}
    assert {name for name in told if name.startswith("kmzb_") and not name.startswith("kmzb_dlq_")} <= exported


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alarm_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["annotations"].keys() == {"summary", "action", "runbook_url"}
    assert all(text and "\n" not in text.strip() for text in rule["annotations"].values())
    assert rule["labels"]["severity"] in {"page", "ticket"}
    labels = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    kept = {name for found in re.findall(r"by \(([^)]*)\)", rule["expr"]) for name in found.split(", ")}
    assert labels <= kept | {"service"}


def test_an_alarm_has_one_name() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


def test_prometheus_reads_the_alarms() -> None:
    told = YAML(typ="safe").load((DEPLOY / "prometheus/prometheus.yml").read_text())
    compose = YAML(typ="safe").load((DEPLOY.parent / "docker-compose.yml").read_text())
    mounted = {volume.split(":")[1] for volume in compose["services"]["prometheus"]["volumes"]}
    assert {f"/etc/prometheus/{file}" for file in told["rule_files"]} <= mounted


@pytest.mark.parametrize("board", DASHBOARDS)
def test_panels_have_places_of_their_own_and_a_source_that_exists(board: str) -> None:
    source = YAML(typ="safe").load((DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text())
    taken: set[tuple[int, int]] = set()
    panels = DASHBOARDS[board]["panels"]
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == source["datasources"][0]["uid"]
            assert panel["description"]
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_the_stacks_prometheus_is_told_what_composes_is_but_for_addresses(tmp_path: Path) -> None:
    urls = {service: f"http://127.0.0.1:{number}" for number, service in enumerate(SERVICES, 20_000)}
    own = YAML(typ="safe").load(prometheus.prepare(tmp_path, urls).read_text())
    composes = YAML(typ="safe").load((DEPLOY / "prometheus/prometheus.yml").read_text())
    assert own.pop("rule_files") == [str(DEPLOY / "prometheus" / file) for file in composes.pop("rule_files")]
    for told in (own, composes):
        targets = told["scrape_configs"][0]["static_configs"]
        assert {each["labels"]["service"] for each in targets} == set(SERVICES)
        for each in targets:
            del each["targets"]
        targets.sort(key=lambda each: each["labels"]["service"])
    assert own == composes
    said = subprocess.run(["promtool", "check", "config", tmp_path / "prometheus.yml"], capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
