"""The demonstration's parts that need no running system: names, the plan, what officers do next."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from contracts.envelope import Envelope, decode
from contracts.events.reports import ReportSubmitted
from contracts.examples import examples
from contracts.topics import referral_topic
from deploy.agencies import first_agencies
from deploy.demo.app import stack_under
from deploy.demo.observer import WATCHED, Tally
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


def watched_examples() -> dict[str, Envelope]:
    """The published examples of the topics that the demonstration watches."""
    watched = {topic.name for topic in (*WATCHED, *map(referral_topic, first_agencies()))}
    found = [example for example in examples() if example.message.topic in watched and example.message.value]
    return {
        f"{example.event} {example.name}": decode(example.message.headers, example.message.value or b"")
        for example in found
    }


EXAMPLES = watched_examples()


@pytest.mark.parametrize("envelope", EXAMPLES.values(), ids=EXAMPLES)
def test_a_fact_told_under_two_ids_is_noticed(envelope: Envelope) -> None:
    tally = Tally()
    tally.count(envelope, envelope.time)
    assert not tally.doubled
    tally.count(replace(envelope, id=uuid4()), envelope.time)
    assert len(tally.doubled) == 1


def test_how_long_a_report_took_is_counted_from_the_press_of_the_button() -> None:
    submitted = next(example for example in EXAMPLES.values() if isinstance(example.data, ReportSubmitted))
    assert isinstance(submitted.data, ReportSubmitted)
    tally = Tally()
    tally.count(submitted, submitted.data.submitted_at + timedelta(seconds=1.5))
    assert tally.seconds == {"on the log": [1.5]}
