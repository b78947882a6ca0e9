"""What the bench reckons with: CPU as the kernel writes it, ratios, goals, and a page that keeps what people wrote."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.wait import eventually

from bench.core.cpu import MeasurementError, Meter, Stat, descendants, parse_stat, serves, spent
from bench.core.report import BY_HAND, cells, figure, spread, write_page
from bench.core.results import Measured, read_results, write_results
from bench.core.rounds import NO_GOAL, Goal, Row, Spread, interleaved, ratios
from bench.lines import LINES, chosen

AT_MOST = Goal("≤ 1/4", 0.25)
AT_LEAST = Goal("≥ 1,000/s", 1000, at_least=True)


def row(ours: tuple[float, ...], peer: tuple[float, ...] = (), goal: Goal = AT_MOST) -> Row:
    return Row(line=1, what="intake", against="a peer", unit="µs", goal=goal, ours=ours, peer=peer, note="small")


def measured(line: int = 1) -> Measured:
    rows = (row((20.0, 30.0, 24.0), (100.0, 100.0, 100.0)),)
    return Measured(
        line=line,
        rows=rows,
        at=datetime(2026, 11, 27, tzinfo=UTC),
        command="make bench LINE=1",
        machine="a machine",
        versions="versions",
        load="0.1 0.1 0.1",
        seconds=3.0,
    )


def test_a_process_s_cpu_is_user_and_system_time_whatever_its_name() -> None:
    fields = "S 7 1 1 0 -1 4194560 9 0 0 0 150 50 3000 4000 20 0 5 0 123456 0 0"
    assert parse_stat(f"42 (a (very) odd name 9) {fields}") == Stat(pid=42, parent=7, born=123456, seconds=2.0)


def test_a_tree_is_the_roots_and_all_below_them() -> None:
    parents = {2: 1, 3: 2, 4: 3, 5: 1, 6: 5}
    processes = {pid: Stat(pid, parent, 0, 0) for pid, parent in parents.items()}
    assert descendants([2, 6, 99], processes) == {2, 3, 4, 6}


@pytest.mark.parametrize(
    ("title", "counted"),
    [
        ("postgres: kmzb_casework kmzb_b1_casework 127.0.0.1(40000) idle", True),
        ("postgres: kmzb_casework kmzb_b1_casework 127.0.0.1(40000) COPY", True),
        ("postgres: autovacuum worker kmzb_b1_casework", True),
        ("postgres: kmzb_casework kmzb_b2_casework 127.0.0.1(40000) idle", False),
        ("postgres: postgres kmzb_b1_casework 127.0.0.1(40000) idle", False),
        ("postgres: checkpointer", False),
    ],
)
def test_a_backend_counts_for_its_database_unless_it_is_the_bench_that_looks(title: str, counted: bool) -> None:
    assert serves(title, {"kmzb_b1_casework"}) is counted


def test_what_began_in_between_counts_whole() -> None:
    assert spent({(1, 5): 2.0, (2, 5): 1.0}, {(1, 5): 2.5, (3, 9): 0.25}) == 0.75


def test_the_work_of_a_child_is_seen_and_its_end_is_an_error() -> None:
    busy = "print('x', flush=True)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", busy], stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        meter = Meter(roots=(child.pid,))
        before = meter.read()
        eventually(lambda: spent(before, meter.read()) >= 0.1, what="a tenth of a second of CPU")
        child.kill()
    with pytest.raises(MeasurementError):
        meter.read()


def test_rounds_take_turns_and_the_first_warms_up() -> None:
    calls: list[str] = []

    def ours(number: int) -> float:
        calls.append(f"ours {number}")
        return 1.0 + number

    def peer(number: int) -> float:
        calls.append(f"peer {number}")
        return 10.0 * number

    assert interleaved(2, ours, peer, calls.append, "µs") == ((2.0, 3.0), (10.0, 20.0))
    turns = [call for call in calls if not call.startswith("µs")]
    assert turns == ["ours 0", "peer 0", "ours 1", "peer 1", "ours 2", "peer 2"]


def test_the_ratio_is_that_of_each_round() -> None:
    judged = row((20.0, 90.0, 24.0), (100.0, 300.0, 100.0)).judged
    assert judged == Spread(median=0.24, least=0.2, greatest=0.3)
    assert row((5.0, 7.0, 6.0)).judged == Spread(6.0, 5.0, 7.0)


def test_a_peer_that_cost_nothing_is_no_measurement() -> None:
    with pytest.raises(MeasurementError, match="too little work"):
        ratios([1.0, 1.0], [0.0, 2.0])


def test_a_goal_is_met_from_its_side() -> None:
    assert AT_MOST.met(0.25)
    assert not AT_MOST.met(0.26)
    assert AT_MOST.half_met(0.5)
    assert AT_LEAST.met(1000)
    assert not AT_LEAST.met(999)
    assert AT_LEAST.half_met(500)
    assert not AT_LEAST.half_met(499)


def test_how_far_a_goal_is_missed() -> None:
    assert row((1.0,), (2.0,)).missed_by == 2.0
    assert row((250.0,), goal=AT_LEAST).missed_by == 4.0
    assert row((250.0,), goal=NO_GOAL).missed_by == 0.0
    assert cells(row((250.0,), goal=NO_GOAL))[-2:] == ("-", "")


def test_lines_are_chosen_by_number() -> None:
    assert chosen("") == list(LINES)
    assert chosen("3, 2") == [3, 2]
    with pytest.raises(ValueError, match="no such line"):
        chosen("2,99")


def test_every_line_says_what_it_compares() -> None:
    for number, entry in LINES.items():
        assert entry.explained.startswith(f"Line {number}: "), entry.module
        assert callable(entry.measure)


@pytest.mark.parametrize(("value", "text"), [(1234.5, "1,234"), (99.94, "99.9"), (0.2451, "0.245"), (0.0, "0")])
def test_figures_have_three_digits(value: float, text: str) -> None:
    assert figure(value) == text


def test_what_was_measured_is_kept_and_what_people_wrote_stays(tmp_path: Path) -> None:
    page, results = tmp_path / "page.md", tmp_path / "page.json"
    write_results(results, {2: measured(2), 1: measured(1)})
    assert list(read_results(results)) == [1, 2]
    write_page(page, read_results(results), {1: "Line 1: intake.\n\nWhat is left out."})
    page.write_text(page.read_text() + f"\n{BY_HAND}\n\nHere.\n")
    write_page(page, {1: measured(1)}, {1: "Line 1: intake.\n\nWhat is left out."})
    text = page.read_text()
    assert text.count("\n| intake | a peer | 24 µs | 100 | 0.24x (0.2-0.3) | ≤ 1/4 | met |\n") == 1
    assert text.count("\n| 1 | intake | 1 of 1 | - | 2026-11-27 00:00 | 0.1 0.1 0.1 | 3 s |\n") == 1
    assert "What is left out." in text
    assert text.endswith(f"\n{BY_HAND}\n\nHere.\n")
    assert spread(row((5.0,))) == "5"
