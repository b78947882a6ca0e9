"""A line more in the regions' file: what it says then, and everything that is refused and changes nothing."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from contracts.policy.regions import NATIONAL, Change
from deploy.stack.process import StackError
from operations.regions.moving import changed_text, plan_of, require_change, wanted_change, write_whole

AT = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
AHEAD = timedelta(minutes=15)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
FILE = """# Who answers for whom. Every instance has this very file.

# Wrocław has its own since the flood.
[[change]]
garrison = "WRO"
instance = "wroclaw"
from = 2026-12-01T01:00:00+01:00

# on trial
[[change]]
garrison = "OPO"
instance = "wroclaw"
from = 2026-12-01T00:00:00Z
"""


def wanted(garrison: str, instance: str, since: str, *, new: bool = False) -> Change:
    """What a command asks of the file, refused as the command refuses it."""
    plan = plan_of(FILE)
    change = wanted_change(plan, garrison, instance, since, new=new)
    require_change(plan, change, AT, AHEAD)
    return change


def test_a_line_more_says_who_answers_from_then_on_and_leaves_the_rest_as_it_was() -> None:
    text = changed_text(FILE, wanted("WRO", NATIONAL, "2027-02-01T00:00+01:00"))
    assert text.startswith(FILE.rstrip())
    plan = plan_of(text)
    january = datetime(2027, 1, 31, 22, 59, 59, tzinfo=UTC)
    assert plan.answering("WRO", january) == "wroclaw"
    assert plan.answering("WRO", january + timedelta(seconds=1)) == NATIONAL
    assert plan.answering("OPO", DECEMBER) == "wroclaw"


def test_the_first_line_of_an_empty_file() -> None:
    change = wanted_change(plan_of(""), "KAT", "katowice", "2026-12-01T00:00Z", new=True)
    require_change(plan_of(""), change, AT, AHEAD)
    assert plan_of(changed_text("", change)).answering("KAT", DECEMBER) == "katowice"


def test_a_move_is_taken_back_by_the_same_instant_and_comments_stay() -> None:
    text = changed_text(FILE, wanted("WRO", NATIONAL, "2026-12-01T00:00Z"))
    assert plan_of(text).answering("WRO", DECEMBER) == NATIONAL
    assert len(plan_of(text).change) == 2
    assert {line for line in FILE.splitlines() if line.startswith("#")} <= set(text.splitlines())


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("WRX", "wroclaw", "2027-01-01T00:00Z"), "GARRISON: there is no garrison 'WRX'.*did you mean WRO"),
        (("KGP", "wroclaw", "2027-01-01T00:00Z"), "GARRISON: there is no garrison 'KGP'"),
        (("KAT", "wrocalw", "2027-01-01T00:00Z"), "INSTANCE: .*did you mean wroclaw.*--new says that it is to be one"),
        (("KAT", "Wrocław", "2027-01-01T00:00Z"), "INSTANCE: 'Wrocław' is no name"),
        (("KAT", "wroclaw", "tomorrow"), "--from: 'tomorrow' is no time"),
        (("KAT", "wroclaw", "2027-01-01T00:00"), r"--from: .*or 2027-01-01T00:00\+01:00: say which"),
        (("KAT", "wroclaw", "2026-11-28T01:59Z"), r"--from: .* has passed.*the earliest is 2026-11-28T02:16:00\+00:00"),
        (("KAT", "wroclaw", "2026-11-28T02:10Z"), r"--from: .* is in 10 min.*given 15 min \(--ahead\)"),
        (("WRO", "wroclaw", "2027-01-01T00:00Z"), "INSTANCE: WRO is wroclaw's then already"),
        (("KAT", NATIONAL, "2027-01-01T00:00Z"), "INSTANCE: KAT is national's then already"),
    ],
)
def test_what_could_not_be_meant_is_refused_by_its_field(words: tuple[str, str, str], why: str) -> None:
    with pytest.raises(StackError, match=why):
        wanted(*words)


def test_a_line_that_has_come_is_not_rewritten() -> None:
    plan = plan_of(FILE)
    change = wanted_change(plan, "WRO", NATIONAL, "2026-12-01T00:00Z", new=False)
    with pytest.raises(StackError, match="has passed"):
        require_change(plan, change, DECEMBER + timedelta(days=1), AHEAD)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("change = []\n", "takes no line more.*by hand"),
        ('change = [{garrison = "WRO", instance = "x", from = 2027-01-01T00:00:00Z}]\n', "takes no line more"),
    ],
)
def test_a_file_in_another_form_is_left_alone(text: str, why: str) -> None:
    with pytest.raises(StackError, match=why):
        changed_text(text, wanted("KAT", "wroclaw", "2027-01-01T00:00Z"))


def test_the_file_keeps_its_mode_and_its_name_and_no_draft_is_left(tmp_path: Path) -> None:
    (path := tmp_path / "regions.toml").write_text(FILE, "utf-8")
    path.chmod(0o640)
    (link := tmp_path / "link.toml").symlink_to(path)
    write_whole(link, "")
    assert path.read_text("utf-8") == ""
    assert (path.stat().st_mode & 0o777, link.is_symlink()) == (0o640, True)
    assert sorted(os.listdir(tmp_path)) == ["link.toml", "regions.toml"]
