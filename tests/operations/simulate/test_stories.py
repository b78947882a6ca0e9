"""What officers do, and when: decisions in the day, slow units late, and terms that pass as fast as the year."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from contracts.events.clocks import Clock
from contracts.policy.terms import WARSAW, policy
from deploy.demo.plan import Story
from hypothesis import given
from hypothesis import strategies as st
from operations.simulate.model import figures, stories
from operations.simulate.model.arrivals import Arrival, Kind
from operations.simulate.pace import Pace, compressed_terms

AT = datetime(2026, 6, 5, 18, tzinfo=UTC)
CHANGES = ("take-up", "reject", "merge", "checks", "confirm", "unconfirm", "eliminate", "refer")


def arrival(number: int, kind: Kind = Kind.ORDINARY, repeats: int | None = None) -> Arrival:
    return Arrival(number, AT, kind, "OPO", "parking", 17.9, 50.6, number, repeats)


@given(st.sampled_from(CHANGES), st.integers(0, 2**32), st.booleans(), st.datetimes(timezones=st.just(UTC)))
def test_nothing_is_done_before_its_time_and_decisions_are_made_by_day(
    change: str, seed: int, slow: bool, day: datetime
) -> None:
    since = day.replace(year=2026, day=min(day.day, 28))
    due = stories.due(change, since, random.Random(seed), slow=slow)
    assert since <= due < since + timedelta(days=366 * 3)
    opens, closes = stories.OFFICE_HOURS
    assert change == "checks" or opens <= due.astimezone(WARSAW).hour < closes


def test_units_meet_their_terms_save_slow_ones() -> None:
    def late(slow: bool) -> float:
        taken_up = [stories.due("take-up", AT, random.Random(n), slow=slow) - AT for n in range(2000)]
        return sum(waited > timedelta(days=2) for waited in taken_up) / len(taken_up)

    assert late(False) < 0.05
    assert late(True) > 0.25


def test_two_checks_and_a_decision_fit_into_five_days() -> None:
    for number in range(500):
        chance, at = random.Random(number), AT
        for change in ("checks", "checks", "unconfirm"):
            at = stories.due(change, at, chance, slow=False)
        assert at - AT < timedelta(days=5)


def test_stories_have_the_shares_of_the_figures() -> None:
    told = [stories.story_of(arrival(number), seed=1) for number in range(4000)]
    confirmed = {Story.ELIMINATED, Story.CONFIRMED, Story.REFERRED_UNHEARD}
    assert sum(story in confirmed for story in told) / len(told) == pytest.approx(0.655 * 0.98, abs=0.03)
    jokes = {stories.story_of(arrival(number, Kind.JOKE), seed=1) for number in range(100)}
    assert jokes == {Story.REJECTED, Story.UNCONFIRMED}
    slow = sum(stories.is_slow(f"KPP-{number}", seed=1) for number in range(2000)) / 2000
    assert slow == pytest.approx(figures.SLOW_UNITS, abs=0.02)
    assert not stories.is_merged(arrival(1), seed=1)
    merged = [stories.is_merged(arrival(number, Kind.DUPLICATE, repeats=1), seed=1) for number in range(2, 1000)]
    assert sum(merged) / len(merged) == pytest.approx(figures.MERGED_DUPLICATES, abs=0.06)


@given(st.floats(1, 1e6), st.floats(0, 1e7))
def test_the_pace_goes_there_and_back(compression: float, seconds: float) -> None:
    pace = Pace(AT, began=100.0, compression=compression)
    at = AT + timedelta(seconds=seconds)
    assert pace.instant(pace.moment(at)) - at < timedelta(seconds=1e-3 * compression)
    assert pace.moment(AT) == 100.0


def test_compressed_terms_are_the_national_ones_only_faster(tmp_path: Path) -> None:
    file = tmp_path / "terms.toml"
    file.write_text(compressed_terms(policy(), AT, compression=720), "utf-8")
    national, fast = policy(), policy(file)
    for clock in Clock:
        length = fast.terms_at(AT).length(clock, "parking").plain
        assert length * 720 == national.terms_at(AT).length(clock, "parking").plain
    assert fast.alerts.take_up.warning.plain * 720 == national.alerts.take_up.warning.plain
    assert fast.steps(Clock.VERIFICATION, "OPO", AT)[-1][1] - AT == timedelta(hours=72) / 720
