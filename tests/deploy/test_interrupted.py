"""Ctrl-C in a long command: what it started is ended, or it is said what runs on and how that is ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from deploy.stack.infrastructure import Stack
from deploy.stack.process import running
from deploy.stack.system import System
from support.wait import eventually

# It starts a program and says its pid, as ever, but does not end before somebody opens the gate.
SLOW_SHELL = """#!/bin/sh
/bin/sh "$@"
read -r _ < '{gate}' || exit 0
"""
INTERRUPTED = "Interrupted: ending its programs, some seconds …\n"


def command(words: Sequence[str], more: Mapping[str, str]) -> "subprocess.Popen[str]":
    """A long command as a terminal runs it, whose Ctrl-C goes to all of the command's group of processes."""
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        env={**os.environ, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )


def interrupted(
    words: Sequence[str], servers: Mapping[str, str], root: Path, number: signal.Signals = signal.SIGINT
) -> tuple[int, str]:
    """Exit code and output of a command that is interrupted once its first services start."""
    with command(words, servers) as program:
        eventually(lambda: running(root / "run" / "supervisor.pid"), 45)
        os.killpg(program.pid, number)
        said, _ = program.communicate(timeout=45)
    return program.returncode, " ".join(said.split())


def programs(root: Path) -> set[int]:
    """The processes that write to a log under a folder, whether their ids were written down or not."""
    found = set()
    for output in Path("/proc").glob("[0-9]*/fd/1"):
        with suppress(OSError):
            if root in output.readlink().parents:
                found.add(int(output.parts[2]))
    return found


# The second ends in the same handler, and the way up to it takes half a system's start.
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGHUP, marks=pytest.mark.slow)])
def test_the_demonstration_ends_all_it_started(stack: Stack, tmp_path: Path, number: signal.Signals) -> None:
    root = tmp_path / "demo"
    code, said = interrupted(["deploy.demo", "--root", str(root)], stack.addresses, root, number)
    assert code == 130
    assert "Interrupted: ending its programs" in said
    assert "All are stopped; their data and logs are under" in said
    assert programs(root) == set()


def test_whoever_presses_ctrl_c_again_and_again_leaves_nothing_behind(stack: Stack, tmp_path: Path) -> None:
    root, gate, shell = tmp_path / "demo", tmp_path / "gate", tmp_path / "sh"
    os.mkfifo(gate)
    shell.write_text(SLOW_SHELL.format(gate=gate))
    shell.chmod(0o755)
    more = {**stack.addresses, "PATH": f"{tmp_path}:{os.environ['PATH']}"}

    def press() -> None:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGINT)

    def let_go() -> bool:
        press()
        with suppress(OSError):  # where no shell waits
            os.close(os.open(gate, os.O_WRONLY | os.O_NONBLOCK))
        return program.poll() is not None

    with command(["deploy.demo", "--root", str(root)], more) as program:
        assert program.stdout
        try:
            eventually(lambda: programs(root), 45)  # started, but whoever started them does not know it yet
            press()
            assert INTERRUPTED in iter(program.stdout.readline, "")
            for _ in range(3):
                press()
            eventually(let_go, 45)
        finally:
            program.kill()
        said = program.stdout.read()
    assert "Traceback" not in said
    assert "All are stopped" in said
    assert program.returncode in (130, -signal.SIGINT)  # the last signal may come when it is about to leave
    assert programs(root) == set()


STARTS_SOMETHING = """
import os, signal
from deploy.interrupts import interrupt_once, undisturbed

interrupt_once("Ending.")
reached = []
try:
    with undisturbed():
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGINT)
        reached.append("the end of the block")
    reached.append("what comes after it")
except KeyboardInterrupt:
    reached.append("interrupted")
os.kill(os.getpid(), signal.SIGTERM)
print(*reached, sep=", ")
"""


def test_what_starts_threads_is_interrupted_at_its_end() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARTS_SOMETHING], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout == "the end of the block, interrupted\n"
    assert done.stderr == "\nEnding.\n"


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
    assert programs(root) == set()
