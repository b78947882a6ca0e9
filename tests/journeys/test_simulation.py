"""A country in a box, played for some seconds against the running system."""

import re
from pathlib import Path

import pytest
from journeys.journey import Journey
from operations.cli import app
from support.wait import eventually
from typer.testing import CliRunner

pytestmark = [pytest.mark.long, pytest.mark.timeout(120)]
GARRISON, UNIT = "GOR", "KMP-0861"  # where no other journey reports anything


def statuses(journey: Journey) -> list[str]:
    """Those of all cases of the garrison, page by page."""
    headers, found = journey.officer(UNIT, GARRISON, "garrison"), list[str]()
    asked: dict[str, str] = {}
    while True:
        page = journey.http.get(journey.url("casework", "/v1/cases"), params=asked, headers=headers).json()
        found += [case["status"] for case in page["cases"]]
        if page["next"] is None:
            return found
        asked = {"next": page["next"]}


def test_some_seconds_of_a_year_are_accepted_and_worked(journey: Journey, root: Path) -> None:
    before = len(statuses(journey))
    words = ["simulate", "--stack", str(root), "--garrison", GARRISON, "--rate", "10", "--days", "3", "--seed", "2"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, (done.output, done.exception)
    accepted = int(re.search(r"^accepted +(\d+)", done.output, re.M)[1])  # type: ignore[index]  # a failure if not there
    changes = int(re.search(r"^officers' changes +(\d+)", done.output, re.M)[1])  # type: ignore[index]  # the same
    assert accepted > 30
    assert changes > 5, done.output
    assert "day 0." in done.stderr
    merged = int(found[1]) if (found := re.search(r"(\d+) merge\b", done.output)) else 0
    shown = done.output
    eventually(
        lambda: len(statuses(journey)) == before + accepted - merged, what=shown
    )  # a merged case is listed no more
    assert {*statuses(journey)} > {"new"}
