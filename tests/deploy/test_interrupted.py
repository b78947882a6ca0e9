"""Ctrl-C in a long command: what it started is ended, or it is said what runs on and how that is ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from deploy.stack.infrastructure import Stack
from deploy.stack.process import running
from deploy.stack.system import System
from support.wait import eventually


def interrupted(
    command: Sequence[str], servers: Mapping[str, str], root: Path, number: signal.Signals = signal.SIGINT
) -> tuple[int, str]:
    """Exit code and output of a command that is interrupted once its first services start."""
    environ = {**os.environ, **servers}
    with subprocess.Popen(
        [sys.executable, "-m", *command], env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as program:
        eventually(lambda: running(root / "run" / "supervisor.pid"), 45)
        program.send_signal(number)
        said, _ = program.communicate(timeout=45)
    return program.returncode, " ".join(said.split())


def pids(root: Path) -> dict[str, int]:
    """The programs that run under a folder."""
    found = {file.stem: running(file) for file in (root / "run").glob("*.pid")}
    return {name: pid for name, pid in found.items() if pid is not None}


# The second ends in the same handler, and the way up to it takes half a system's start.
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGHUP, marks=pytest.mark.slow)])
def test_the_demonstration_ends_all_it_started(stack: Stack, tmp_path: Path, number: signal.Signals) -> None:
    root = tmp_path / "demo"
    code, said = interrupted(["deploy.demo", "--root", str(root)], stack.addresses, root, number)
    assert code == 130
    assert "Interrupted: ending its programs" in said
    assert "All are stopped; their data and logs are under" in said
    assert pids(root) == {}


@pytest.mark.slow
@pytest.mark.timeout(150)
def test_up_says_what_runs_on_and_how_it_is_ended(tmp_path: Path) -> None:
    root = tmp_path / "stack"
    code, said = interrupted(["operations.cli", "up", "--stack", str(root)], {}, root)
    try:
        assert code == 130
        assert "Interrupted. Left running: kafka, postgres, redis, issuer, mailbox, " in said
        assert f"End them: kmzb down --stack {root}" in said
    finally:
        System.load(root).down()
    assert pids(root) == {}
