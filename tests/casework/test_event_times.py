"""Changes are timed where the relay's progress waits for them, never by another clock (decision 0043)."""

from pathlib import Path

import pytest

import casework

HERE = Path(casework.__file__).parent
UNTIMED = {HERE / "photos.py", *(HERE / "api" / "reads").iterdir()}
"""What changes no case: the sweep of photos that no report names, and what is only read."""
FILES = sorted({*HERE.rglob("*.py")} - UNTIMED)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_change_is_timed_by_another_clock_than_the_outbox(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert "database_time" not in text
    assert "chassis.clock" not in text
    assert "datetime.now" not in text
