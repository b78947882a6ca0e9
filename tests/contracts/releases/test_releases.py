"""A release is kept as facts, and what the next one takes from it is refused."""

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contracts import RELEASE, schemas
from contracts.releases.release import Release, breaks, current, keep, kept_releases

CURRENT = current()


def changed(change: Callable[[dict[str, Any]], object]) -> Release:
    """Today's release, changed: {topics, schemas, definitions, examples}."""
    facts = copy.deepcopy({name: getattr(CURRENT, name) for name in ("topics", "schemas", "definitions", "examples")})
    change(facts)
    return replace(CURRENT, **facts)


CASES, FOLLOW_UP = "kmzb.internal.case-changed.v1", "kmzb.internal.follow-up.v1"
CONTENT, PUBLIC = "kmzb.internal.content.v1", "kmzb.public.report.v1"


def move(facts: dict[str, Any]) -> None:
    facts["topics"][CASES]["events"].remove("CaseTasked")
    facts["topics"][FOLLOW_UP]["events"].append("CaseTasked")


def drop(facts: dict[str, Any]) -> None:
    facts["topics"][CASES]["events"].remove("CaseTasked")
    del facts["schemas"]["CaseTasked"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda facts: facts["topics"].pop(CASES), "is gone"),
        (lambda facts: facts["topics"][CASES].update(partitions=24), "partitions was 12, is 24"),
        (lambda facts: facts["topics"][CASES].update(compacted=True), "compacted was False, is True"),
        (lambda facts: facts["topics"][CASES].update(retention_ms=1), "readers come too late"),
        (lambda facts: facts["topics"][CASES].update(base=None), "has no base any more"),
        (lambda facts: facts["topics"][CASES].update(base="ReportEvent"), "base ReportEvent.status is gone"),
        (drop, "the event CaseTasked is gone"),
        (move, "CaseTasked is no longer said there"),
        (lambda facts: facts["definitions"]["CaseTasked"]["properties"].pop("due_at"), "CaseTasked.due_at is gone"),
        (lambda facts: facts["definitions"]["Status"]["enum"].remove("referred"), "the value 'referred' is gone"),
        (lambda facts: facts["definitions"]["Owner"]["properties"].pop("beat"), "owner.beat is gone"),
    ],
)
def test_a_release_that_breaks_the_one_before_is_refused(
    change: Callable[[dict[str, Any]], object], words: str
) -> None:
    assert any(words in found for found in breaks(CURRENT, changed(change)))


def add(facts: dict[str, Any]) -> None:
    facts["topics"][CASES]["events"].append("CaseArchived")
    facts["schemas"]["CaseArchived"] = {"$ref": "#/$defs/CaseTasked"}
    facts["topics"]["kmzb.internal.archive.v1"] = facts["topics"][CASES]
    facts["definitions"]["Status"]["enum"].append("archived")
    facts["topics"][PUBLIC]["retention_ms"] = -1


def test_a_release_that_only_adds_passes() -> None:
    assert breaks(CURRENT, changed(add)) == []
    assert breaks(CURRENT, CURRENT) == []


def rekey(facts: dict[str, Any]) -> None:
    facts["examples"]["CaseTasked/ordinary"]["key"] = "another"


def unknown(facts: dict[str, Any]) -> None:
    facts["examples"]["CaseTasked/ordinary"]["headers"]["ce_type"] = "pl.policja.kmzb.CaseGone.v1"


def elsewhere(facts: dict[str, Any]) -> None:
    facts["examples"]["CaseTasked/ordinary"]["topic"] = FOLLOW_UP


@pytest.mark.parametrize(
    ("change", "words"), [(rekey, "the order of its topic breaks"), (unknown, "can't be read"), (elsewhere, "not on")]
)
def test_messages_of_an_earlier_release_are_read_as_they_were_meant(
    change: Callable[[dict[str, Any]], object], words: str
) -> None:
    assert any(words in found for found in breaks(changed(change), CURRENT))


def test_the_code_breaks_no_release_and_is_the_release_it_says() -> None:
    assert list(schemas.faults()) == []
    assert RELEASE in {release.version for release in kept_releases()}


def test_a_reader_of_any_earlier_release_counts_not_only_of_the_last(tmp_path: Path) -> None:
    removed = changed(lambda facts: facts["topics"].update({"kmzb.internal.gone.v1": facts["topics"][CASES]}))
    for version, release in (("0.0.1", removed), ("0.0.2", CURRENT), (RELEASE, CURRENT)):
        keep(replace(release, version=version), tmp_path)
    [found] = schemas.faults(tmp_path)
    assert found.startswith("the topic kmzb.internal.gone.v1 is gone (release 0.0.1)")


def test_a_release_is_kept_and_read_as_it_was(tmp_path: Path) -> None:
    for version in ("0.10.0", "0.9.0"):
        keep(replace(CURRENT, version=version), tmp_path)
    assert [release.version for release in kept_releases(tmp_path)] == ["0.9.0", "0.10.0"]
    assert kept_releases(tmp_path)[0].contracts == CURRENT.contracts


def test_a_release_is_not_kept_twice_nor_under_another_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert schemas.main(["release", RELEASE]) == 1
    assert "kept already" in capsys.readouterr().out
    assert schemas.main(["release", "99.0.0"]) == 1
    assert f"the code is release {RELEASE}" in capsys.readouterr().out
    assert schemas.main(["relaese"]) == 1
    assert "python -m contracts.schemas" in capsys.readouterr().out
