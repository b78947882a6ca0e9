"""The demonstration's parts that need no running system: names, the plan, what officers do next."""

from pathlib import Path
from typing import Any

import pytest
from deploy.demo.app import stack_under
from deploy.demo.officers import next_change
from deploy.demo.plan import OFF_THE_MAP, Story, plan
from deploy.stack.infrastructure import KAFKA, PARTS


def test_a_demo_beside_others_has_names_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PARTS:
        monkeypatch.delenv(name, raising=False)
    assert stack_under(tmp_path).namespace == ""
    monkeypatch.setenv(KAFKA, "127.0.0.1:9092")
    first, second = (stack_under(tmp_path).namespace for _ in range(2))
    assert first.startswith("demo-")
    assert first != second


def test_the_same_number_gives_the_same_plan_and_reaches_every_garrison() -> None:
    planned = plan(60, seed=1)
    assert planned == plan(60, seed=1) != plan(60, seed=2)
    assert len(planned) == 60
    assert [report.story for report in planned].count(Story.UNROUTABLE) == len(OFF_THE_MAP)


@pytest.mark.parametrize(
    ("story", "changes"),
    [
        (Story.SLEPT_THROUGH, []),
        (Story.UNROUTABLE, []),
        (Story.REJECTED, ["reject"]),
        (Story.NEVER_VERIFIED, ["take-up"]),
        (Story.CONFIRMED, ["take-up", "checks", "confirm"]),
        (Story.UNCONFIRMED, ["take-up", "checks", "checks", "unconfirm"]),
        (Story.ELIMINATED, ["take-up", "checks", "confirm", "eliminate"]),
        (Story.REFERRED, ["take-up", "checks", "confirm", "refer"]),
    ],
)
def test_a_story_goes_on_from_where_the_case_stands_to_its_end(story: Story, changes: list[str]) -> None:
    after = {"reject": "rejected", "take-up": "verification", "confirm": "confirmed", "unconfirm": "unconfirmed"}
    after |= {"eliminate": "eliminated", "refer": "referred"}
    case: dict[str, Any] = {"status": "new", "category": "parking", "checks": [], "referrals": []}
    done = []
    while (change := next_change(story, case)) is not None:
        done.append(change[0])
        case["status"] = after.get(change[0], case["status"])
        case["checks"] += [change[1]] if change[0] == "checks" else []
    assert done == changes
