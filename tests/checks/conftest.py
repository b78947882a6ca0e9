"""Tiny source trees for checks to find something in."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from checks.sources import Sources

Planting = Callable[[Mapping[str, str]], Sources]


@pytest.fixture
def planted(tmp_path: Path) -> Planting:
    """Makes a source tree of its files' texts by their paths."""

    def plant(files: Mapping[str, str]) -> Sources:
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
        return Sources(tmp_path)

    return plant
