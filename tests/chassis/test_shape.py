"""The shape of the code: the same files everywhere, nothing built at import, no clock but one."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from contracts.topics import SERVICES

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {service: ROOT / service / service.replace("-", "_") for service in SERVICES}
WITHOUT_STORE = {"intake", "routing"}
each_service = pytest.mark.parametrize("service", SERVICES)


def python_files() -> list[Path]:
    names = ("services", "boundaries", "deploy", "operations", *SERVICES)
    folders = [ROOT / name for name in names]
    return [file for folder in folders for file in folder.rglob("*.py")]


@each_service
def test_a_service_has_the_same_files_as_the_others(service: str) -> None:
    expected = {"__init__.py", "__main__.py", "app.py", "domain.py", "settings.py"}
    if service not in WITHOUT_STORE:
        expected |= {"store.py", "migrations"}
    assert expected <= {file.name for file in PACKAGES[service].iterdir()}


@each_service
def test_a_module_can_be_imported_with_an_empty_environment(service: str) -> None:
    package = PACKAGES[service].name
    modules = [
        ".".join([package, *file.relative_to(PACKAGES[service]).with_suffix("").parts])
        for file in PACKAGES[service].rglob("*.py")
        if file.name not in ("__init__.py", "__main__.py") and "migrations" not in file.parts
    ]
    program = "; ".join(f"import {module}" for module in sorted(modules))
    done = subprocess.run([sys.executable, "-c", program], env={}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_only_the_clock_asks_what_time_it_is() -> None:
    askers = {
        str(file.relative_to(ROOT))
        for file in python_files()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("now", "utcnow", "today")
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("datetime", "date")
    }
    allowed = {"services/chassis/chassis/clock.py"}
    assert {name for name in askers if not name.startswith("deploy/")} == allowed


def test_a_topic_is_spelt_in_the_registry_only() -> None:
    spelt = {
        str(file.relative_to(ROOT))
        for file in python_files()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith(("kmzb.internal.", "kmzb.public.", "kmzb.partner."))
    }
    assert spelt == {"services/contracts/contracts/topics.py"}


def test_the_environment_is_read_by_the_settings_only() -> None:
    readers = {
        str(file.relative_to(ROOT))
        for file in python_files()
        if file.relative_to(ROOT).parts[0] not in ("deploy", "operations")
        and "os.environ" in file.read_text(encoding="utf-8")
    }
    assert readers == {"services/chassis/chassis/settings.py"}


def test_the_readme_names_every_service() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for service, package in PACKAGES.items():
        assert f"[{service}]({service}/{package.name}/app.py)" in readme
