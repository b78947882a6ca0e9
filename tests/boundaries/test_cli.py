"""`kmzb districts`, as an operator types it."""

import json
from pathlib import Path

import pytest
from operations.commands import districts as cli
from support.boundaries import FIRST, MemoryLog, WriteFile, feature, square
from typer.testing import CliRunner, Result

from boundaries import running


@pytest.fixture
def topic(seeded: MemoryLog, monkeypatch: pytest.MonkeyPatch) -> MemoryLog:
    """The topic the command finds."""
    monkeypatch.setattr(cli, "open_log", lambda: seeded)
    return seeded


def kmzb(*words: str) -> Result:
    return CliRunner().invoke(cli.app, list(words))


def test_import_says_what_changes_and_what_is_in_force(topic: MemoryLog, write: WriteFile) -> None:
    path = write(feature("OPO-1", square(17.90, 50.66), parent="KMP-1661"))
    done = kmzb("import", str(path), "--garrison", "OPO")
    assert done.exit_code == 0, done.output
    assert "+ OPO-1" in done.output
    assert "in force" in done.output
    assert running.read_known(topic).sets["OPO"].version > FIRST


def test_a_dry_run_publishes_nothing(topic: MemoryLog, write: WriteFile) -> None:
    before = list(topic.records)
    done = kmzb("import", str(write(feature("OPO-1", square(17.90, 50.66), parent="KMP-1661"))), "--dry-run")
    assert done.exit_code == 0, done.output
    assert "nothing was published" in done.output
    assert topic.records == before


@pytest.mark.parametrize("options", [[], ["--valid-from", "2100-01-01"]])
def test_a_refusal_is_a_list_and_exit_code_1(topic: MemoryLog, write: WriteFile, options: list[str]) -> None:
    before = list(topic.records)
    done = kmzb("import", str(write(feature("OPO-1", square(17.90, 50.66)))), *options)
    assert done.exit_code == 1
    assert "refused, nothing changed" in done.stderr
    assert topic.records == before


def test_a_topic_that_fails_is_said(topic: MemoryLog, write: WriteFile) -> None:
    topic.break_after = len(topic.records) + 3
    done = kmzb("import", str(write(feature("OPO-1", square(17.90, 50.66), parent="KMP-1661"))))
    assert done.exit_code == 1
    assert "the topic failed" in done.stderr


def test_list_locate_seed_and_prune(topic: MemoryLog) -> None:
    listed = kmzb("list")
    assert f"OPO  {FIRST}" in listed.output
    assert "71 area" in listed.output
    found = kmzb("locate", "17.9213", "50.6683")
    assert "Komenda Miejska Policji w Opolu [KMP-1661] → Opole [166101]" in found.output
    assert kmzb("locate", "18.6", "55.5").exit_code == 1
    assert kmzb("seed").output.count("in force") == 14
    assert "every garrison has a set" in kmzb("seed").output
    assert kmzb("prune").output == ""


def test_generated_beats_are_a_file_to_import(topic: MemoryLog, tmp_path: Path) -> None:
    path = tmp_path / "beats.geojson"
    done = kmzb("generate-beats", str(path), "--garrison", "OPO")
    assert done.exit_code == 0, done.output
    assert len(json.loads(path.read_text())["features"]) > 150
    assert kmzb("import", str(path), "--dry-run").exit_code == 0
