"""Programs that are asked for help, or told what they don't know, explain themselves and do nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALL, RUN = str(ROOT / "deploy" / "stack" / "install"), str(ROOT / ".ci" / "run")


def ended(*command: str) -> tuple[int, str]:
    """Exit code and output of a program that has nothing of the machine's to install anything with."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=30, env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [("--help",), ("-h",)])
def test_install_explains_itself_and_installs_nothing(arguments: tuple[str, ...]) -> None:
    code, said = ended(INSTALL, *arguments)
    assert code == 0
    assert "postgresql-15-postgis-3" in said
    assert "nothing is installed" in said


@pytest.mark.parametrize("arguments", [("--yes",), ("help",), ("venv", "again"), ("node", "venv"), ("Venv",)])
def test_install_refuses_what_it_does_not_know(arguments: tuple[str, ...]) -> None:
    code, said = ended(INSTALL, *arguments)
    assert code == 2
    assert "deploy/stack/install [venv | node | bench | firefox | helm]" in said


@pytest.mark.parametrize(("arguments", "code"), [(("--help",), 0), (("check",), 2)])
def test_what_must_hold_before_a_change_lands_is_not_begun(arguments: tuple[str, ...], code: int) -> None:
    ends, said = ended(RUN, *arguments)
    assert ends == code
    assert said.endswith("from nothing.\nIt takes no arguments.\n")


@pytest.mark.parametrize("program", ["deploy.issuer", "deploy.mailbox", "chassis.health", "deploy.stack.supervisor"])
@pytest.mark.parametrize("arguments", [(), ("--help",), ("a", "b", "c", "d")])
def test_a_helper_says_what_it_needs(program: str, arguments: tuple[str, ...]) -> None:
    if program in ("chassis.health", "deploy.stack.supervisor") and len(arguments) == 1:
        return
    code, said = ended(sys.executable, "-m", program, *arguments)
    assert code == 1
    assert f"python -m {program}" in said
    assert "Traceback" not in said
