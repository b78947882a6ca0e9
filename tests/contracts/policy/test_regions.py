"""Who answers for a garrison: the same for every instance, by what the report says, and never two or nobody."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from contracts.policy.regions import NATION, NATIONAL, Plan, Region, region, regions
from hypothesis import given
from hypothesis import strategies as st

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
FILE = """
[[change]]
garrison = "WRO"
instance = "wroclaw"
from = 2026-12-01T01:00:00+01:00

[[change]]
garrison = "OPO"
instance = "wroclaw"
from = 2026-12-01T01:00:00+01:00

[[change]]
garrison = "WRO"
instance = "national"
from = 2027-02-01T00:00:00Z
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (made := tmp_path / "regions.toml").write_text(FILE, "utf-8")
    return made


def test_the_newest_line_not_later_than_the_report_answers(file: Path) -> None:
    plan = regions(file)
    assert plan.instances == ["wroclaw"]
    for garrison, at, answering in (
        ("WRO", DECEMBER - SECOND, NATIONAL),  # Mon 30 Nov 23:59:59 UTC
        ("WRO", DECEMBER, "wroclaw"),
        ("WRO", datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC), "wroclaw"),
        ("WRO", datetime(2027, 2, 1, tzinfo=UTC), NATIONAL),  # given back
        ("OPO", datetime(2027, 2, 1, tzinfo=UTC), "wroclaw"),
        ("KAT", DECEMBER, NATIONAL),
        ("KGP", DECEMBER, NATIONAL),
    ):
        assert plan.answering(garrison, at) == answering, (garrison, at)


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["x", "y", NATIONAL]), st.integers(0, 5)), max_size=9),
    st.sampled_from("ABCD"),
    st.integers(-1, 6),
)
def test_exactly_one_instance_answers_for_every_report(
    lines: Sequence[tuple[str, str, int]], garrison: str, day: int
) -> None:
    once = {(of, since): instance for of, instance, since in lines}
    changes = [
        {"garrison": of, "instance": instance, "from": (DECEMBER + timedelta(days=since)).isoformat()}
        for (of, since), instance in once.items()
    ]
    plan = msgspec.convert({"change": changes}, Plan)
    instances = [Region(plan, name) for name in (NATIONAL, *plan.instances)]
    assert sum(each.answers_for(garrison, DECEMBER + timedelta(days=day)) for each in instances) == 1


def test_without_a_file_the_nation_answers_for_everybody() -> None:
    assert region(None, NATIONAL) == NATION
    assert NATION.answers_for("WRO", DECEMBER)
    assert NATION.member("casework") == "casework"


def test_an_instance_is_told_from_the_others_by_its_name(file: Path) -> None:
    own = region(file, "wroclaw")
    assert own.member("casework") == "casework.wroclaw"
    assert own.is_said_here("/kmzb/sla-monitor.wroclaw", "sla-monitor")
    assert not own.is_said_here("/kmzb/sla-monitor", "sla-monitor")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ('garrison = "KGP"\ninstance = "x"\nfrom = 2026-12-01T00:00:00Z', "KGP is always the national instance's"),
        ('garrison = "WRO"\ninstance = "x"\nfrom = 2026-12-01T00:00:00', "from"),
        ('garrison = "WRO"\ninstance = "Ż"\nfrom = 2026-12-01T00:00:00Z', "instance"),
        ('garrison = "WRO"\ninstance = "x"\nsince = 2026-12-01T00:00:00Z', "since"),
        ('garrison = "WRO"\ninstance = "x"', "from"),
    ],
)
def test_a_line_that_could_not_be_meant_is_refused_by_its_field(tmp_path: Path, wrong: str, words: str) -> None:
    (file := tmp_path / "regions.toml").write_text(f"[[change]]\n{wrong}\n", "utf-8")
    with pytest.raises((ValueError, msgspec.ValidationError), match=words):
        regions(file)


def test_two_lines_of_a_garrison_at_one_instant_are_refused(tmp_path: Path) -> None:
    line = '[[change]]\ngarrison = "WRO"\ninstance = "{0}"\nfrom = 2026-12-01T00:00:00Z\n'
    (file := tmp_path / "regions.toml").write_text(line.format("x") + line.format("y"), "utf-8")
    with pytest.raises(msgspec.ValidationError, match="two changes of WRO"):
        regions(file)


def test_an_instance_that_the_file_does_not_name_does_not_start(file: Path) -> None:
    with pytest.raises(ValueError, match="KMZB_INSTANCE=krakow: KMZB_REGIONS_FILE names no such instance.*wroclaw"):
        region(file, "krakow")
