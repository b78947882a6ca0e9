"""`kmzb districts`, as an operator types it."""

import json
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from boundaries.published import TopicError, read_published
from contracts.envelope import Outgoing, encode
from contracts.events.districts import District, Level
from operations.commands import districts as cli
from support.boundaries import AT, FIRST, MemoryTopic, WriteFile, feature, seeded_topic, square, write_features
from typer.testing import CliRunner, Result


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> MemoryTopic:
    """The topic the command finds, with the default sets of some garrisons."""
    seeded = seeded_topic()
    monkeypatch.setattr(cli, "open_topic", lambda: seeded)
    return seeded


@pytest.fixture
def write(tmp_path: Path) -> WriteFile:
    """Writes features as a GeoJSON file."""
    return partial(write_features, tmp_path / "districts.geojson")


def kmzb(*words: str) -> Result:
    return CliRunner().invoke(cli.app, list(words))


def test_import_says_what_changes_and_what_is_current(topic: MemoryTopic, write: WriteFile) -> None:
    path = write(feature("OPO-1", square(17.90, 50.66), parent="KMP-1661"))
    done = kmzb("import", str(path), "--garrison", "OPO", "--allow-losses")
    assert done.exit_code == 0, done.output
    assert "+ OPO-1" in done.output
    assert "is current" in done.output
    assert read_published(topic).sets["OPO"].version > FIRST


def test_a_dry_run_publishes_nothing(topic: MemoryTopic, write: WriteFile) -> None:
    before = list(topic.records)
    done = kmzb(
        "import", str(write(feature("OPO-1", square(17.90, 50.66), parent="KMP-1661"))), "--dry-run", "--allow-losses"
    )
    assert done.exit_code == 0, done.output
    assert "nothing was published" in done.output
    assert topic.records == before


@pytest.mark.parametrize("options", [[], ["--valid-from", "2100-01-01"]])
def test_a_refusal_is_a_list_and_exit_code_1(topic: MemoryTopic, write: WriteFile, options: list[str]) -> None:
    before = list(topic.records)
    done = kmzb("import", str(write(feature("OPO-1", square(17.90, 50.66)))), *options)
    assert done.exit_code == 1
    assert "refused, nothing changed" in done.stderr
    assert topic.records == before


def test_a_topic_that_fails_is_said(topic: MemoryTopic, write: WriteFile) -> None:
    topic.break_after = len(topic.records) + 3
    done = kmzb("import", str(write(feature("OPO-1", square(17.90, 50.66), parent="KMP-1661"))), "--allow-losses")
    assert done.exit_code == 1
    assert isinstance(done.exception, TopicError)  # which `kmzb` says in one line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"SQLite format 3\0broken", "a GeoPackage: export it as GeoJSON"),
        (b"\x1f\x8bbroken", "can't be unpacked"),
        (b'{"type": "FeatureCollection"', "no JSON"),
        ('{"a": "Ł"}'.encode("cp1250"), "is not UTF-8"),
        (json.dumps({"type": "FeatureCollection", "features": [feature("a\x1b[2J", None)]}).encode(), "is no code"),
    ],
)
def test_a_file_nobody_can_read_is_refused_and_nothing_changes(
    topic: MemoryTopic, tmp_path: Path, content: bytes, words: str
) -> None:
    before = list(topic.records)
    file = tmp_path / "districts.geojson"
    file.write_bytes(content)
    done = kmzb("import", str(file))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "refused, nothing changed: 1 faults" in done.stderr
    assert words in done.stderr
    assert "\x1b" not in done.stderr
    assert topic.records == before


def test_list_locate_seed_and_prune(topic: MemoryTopic) -> None:
    listed = kmzb("list")
    assert f"OPO  {FIRST}" in listed.output
    assert "71 area" in listed.output
    found = kmzb("locate", "17.9213", "50.6683")
    assert "Komenda Miejska Policji w Opolu [KMP-1661] → Opole [166101]" in found.output
    assert kmzb("locate", "18.6", "55.5").exit_code == 1
    assert kmzb("seed").output.count("is current") == 14
    assert "every garrison has a current set" in kmzb("seed").output
    assert kmzb("prune").output == ""


def test_a_place_beside_every_district_goes_to_the_nearest_as_in_routing(topic: MemoryTopic) -> None:
    # The Neisse is the border here: some 270 m and 3 km west of the last gmina.
    near = kmzb("locate", "15.004", "51.20")
    assert near.exit_code == 0, near.output
    assert "no district covers this place: this is the nearest, " in near.output
    far = kmzb("locate", "14.96", "51.20")
    assert far.exit_code == 1
    assert "no district answers for this place; the nearest, " in far.output
    assert [kmzb("locate", longitude, "51.30").exit_code for longitude in ("200", "nan", "inf", "x")] == [2] * 4


def test_beats_of_a_garrison_there_is_none_of_are_not_made(topic: MemoryTopic, tmp_path: Path) -> None:
    done = kmzb("generate-beats", str(tmp_path / "beats.geojson"), "--garrison", "OPL")
    assert done.exit_code == 1
    assert "OPL: no garrison; they are WRO, BYD" in str(done.exception)
    assert not (tmp_path / "beats.geojson").exists()


def test_generated_beats_are_a_file_to_import(topic: MemoryTopic, tmp_path: Path) -> None:
    path = tmp_path / "beats.geojson"
    done = kmzb("generate-beats", str(path), "--garrison", "OPO")
    assert done.exit_code == 0, done.output
    assert len(json.loads(path.read_text())["features"]) > 150
    assert kmzb("import", str(path), "--dry-run").exit_code == 0


BAD = District(garrison="OPO", version=FIRST, code="R9", level=Level.BEAT, name="R9")


@pytest.mark.parametrize(
    ("old", "new"), [(b'"R9"', b'"R\\n9"'), (b'"beat"', b'"\\ud800"'), (b"{", b"["), (b'"OPO"', b'"WRO"')]
)
def test_no_command_ends_at_what_cannot_be_read(topic: MemoryTopic, old: bytes, new: bytes) -> None:
    good = encode(BAD, source="boundary-import", at=AT, event_id=uuid4())
    topic.publish([Outgoing(good.topic, good.key, good.headers, (good.value or b"").replace(old, new))])
    for words in (["list"], ["locate", "17.9213", "50.6683"], ["seed"], ["prune"]):
        done = kmzb(*words)
        assert done.exit_code == 0, (done.output, done.exception)
    assert "passed over" in kmzb("list").stderr
