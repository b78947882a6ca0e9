"""The shape of the services: the same names everywhere, and nothing built at import."""

import subprocess
import sys
from pathlib import Path

import pytest
from checks.sources import PACKAGES

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_STORE = {"intake", "routing"}


@pytest.mark.parametrize("service", PACKAGES)
def test_a_service_has_the_same_rooms_as_the_others(service: str) -> None:
    expected = {"__init__", "__main__", "app", "domain", "settings"}
    if service not in WITHOUT_STORE:
        expected |= {"store", "migrations"}
    assert expected <= {path.stem for path in (ROOT / PACKAGES[service]).iterdir()}


def test_every_module_can_be_imported_with_an_empty_environment() -> None:
    folders = [ROOT / package for package in PACKAGES.values()]
    files = [file for folder in folders for file in folder.rglob("*.py") if file.name != "__main__.py"]
    modules = {".".join(file.relative_to(ROOT).with_suffix("").parts[1:]).removesuffix(".__init__") for file in files}
    program = "; ".join(f"import {module}" for module in sorted(modules))
    done = subprocess.run([sys.executable, "-c", program], env={}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("service", "not_needed"),
    [
        ("intake", {"jinja2", "psycopg", "psycopg_pool", "shapely", "holidays", "dns", "httpx"}),
        ("routing", {"jinja2", "redis", "nacl", "jwt", "holidays", "dns", "httpx"}),
        ("sla_monitor", {"jinja2", "redis", "nacl", "jwt", "shapely", "holidays", "dns", "httpx"}),
    ],
)
def test_a_service_starts_without_what_it_does_not_need_to_start(service: str, not_needed: set[str]) -> None:
    program = f"import sys, {service}.app; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], env={}, capture_output=True, text=True, timeout=60, check=True
    )
    modules = done.stdout.split()
    assert not not_needed & set(modules)
    assert len(modules) < 1000, "a thousand of them takes about a second"


def test_the_readme_names_every_service() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for service, package in PACKAGES.items():
        assert f"[{service}]({package}/app.py)" in readme
