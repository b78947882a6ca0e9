"""Whoever wants the contracts installs msgspec and nothing else: an agency in Python, say."""

import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
from contracts import RELEASE

CONTRACTS = Path(__file__).resolve().parents[2] / "services" / "contracts"
# Imports every module, reads every example back, and reckons what needs no days off.
PROGRAM = """
import importlib, pkgutil, sys
import contracts
for module in pkgutil.walk_packages(contracts.__path__, "contracts."):
    importlib.import_module(module.name)
from datetime import UTC, datetime
from contracts.envelope import decode
from contracts.examples import examples
from contracts.policy.terms import policy
read = [decode(example.message.headers, example.message.value) for example in examples()]
assert len(read) > 70
policy().promise("parking", datetime(2026, 11, 2, tzinfo=UTC))
print(*sorted({name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)))
"""


def test_every_module_and_every_example_is_read_with_msgspec_alone(tmp_path: Path) -> None:
    (tmp_path / "msgspec").symlink_to(Path(msgspec.__file__).parent)
    # -S: no site-packages, so that nothing else this environment has can be found; -E: no PYTHONPATH either.
    path = [str(CONTRACTS), str(tmp_path)]
    program = f"import sys; sys.path += {path!r}\n{PROGRAM}"
    done = subprocess.run([sys.executable, "-ES", "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {name for name in done.stdout.split() if not name.startswith("_")} == {"contracts", "msgspec"}


def test_nothing_else_is_asked_for() -> None:
    project = tomllib.loads((CONTRACTS / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [requirement.partition(">")[0] for requirement in project["dependencies"]] == ["msgspec"]
    assert project["version"] == RELEASE
    assert set(project["optional-dependencies"]) == {"addresses", "terms", "texts"}
