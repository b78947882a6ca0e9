"""`kmzb simulate` as an operator types it, without a system."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from boundaries.areas import units
from contracts.policy.terms import policy
from deploy.stack.process import StackError
from operations.cli import app
from operations.simulate.model import figures
from typer.testing import CliRunner


def said(*words: str) -> str:
    done = CliRunner().invoke(app, ["simulate", *words])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def test_a_dry_run_shows_a_day_by_category_garrison_and_hour() -> None:
    shown = said("--dry-run", "--from", "2026-07-04", "--seed", "3")
    assert "Saturday 04 July 2026" in shown
    assert "an average day of the year has 1200; played in 120.0 s" in shown
    first_words = [line.split()[0] for line in shown.splitlines() if line]
    hours = {f"{hour:02}" for hour in range(24)}
    assert {*figures.CATEGORY_SHARES, *units.garrisons(), *hours} <= {*first_words}
    assert shown == said("--dry-run", "--from", "2026-07-04", "--seed", "3")
    assert shown != said("--dry-run", "--from", "2026-07-04", "--seed", "4")


def test_one_garrison_is_shown_alone() -> None:
    shown = said("--dry-run", "--garrison", "OPO", "--volume", "10", "--rate", "2.4")
    assert "an average day of the year has 240; played in 100.0 s" in shown
    assert "KRA" not in shown


def test_terms_are_written_as_fast_as_the_days(tmp_path: Path) -> None:
    file = tmp_path / "terms.toml"
    assert "720 times as fast" in said("--terms", str(file), "--rate", "10")
    terms = policy(file).terms_at(datetime(2026, 6, 1, tzinfo=UTC))
    assert terms.take_up.plain.total_seconds() == pytest.approx(2 * 86_400 / 720)


def test_the_help_teaches() -> None:
    shown = said("--help")
    for word in ("--dry-run", "--garrison", "--rate", "--days", "KMZB_INTAKE_TRUSTED_PROXIES"):
        assert word in shown


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--garrison", "OPOLE"), "no garrison 'OPOLE'"),
        ((), "nothing was brought up under"),
    ],
)
def test_what_can_not_be_played_is_said(tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    done = CliRunner().invoke(app, ["simulate", *words, "--stack", str(tmp_path)])
    assert isinstance(done.exception, StackError)
    assert why in str(done.exception)
