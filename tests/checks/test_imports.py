"""Each rule about imports is seen to refuse an import that it is there to refuse; `make check` sees that all hold."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from checks.sources import CHASSIS, CONTRACTS, DISTRICTS, OBJECTS, PACKAGES
from contracts.topics import CASEWORK

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [
    CONTRACTS,
    CHASSIS,
    "services/web/web",
    DISTRICTS,
    OBJECTS,
    *PACKAGES.values(),
    "boundaries/boundaries",
    "deploy/deploy",
]
FOLDERS += ["operations/operations"]
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
ACYCLIC = "No cycle between packages"

REFUSED = [
    ("Services never import each other", "casework.app", "routing.app"),
    ("Nothing that runs knows what operates it", "chassis.run", "deploy.stack.process"),
    (
        "Operations stand on the stack and on boundaries, which know nothing of each other",
        "deploy.stack.process",
        "boundaries.seed",
    ),
    (
        "Operations stand on the stack and on boundaries, which know nothing of each other",
        "deploy.stack.process",
        "operations.cli",
    ),
    ("Boundaries know nothing of what runs them", "boundaries.seed", "deploy.stack.process"),
    ("Contracts stand on msgspec alone", "contracts.topics", "chassis.clock"),
    ("Contracts stand on msgspec alone", "contracts.topics", "pydantic"),
    ("The chassis holds nothing of a service", "chassis.run", "intake.app"),
    ("Only the chassis speaks to Kafka", "notifier.app", "confluent_kafka"),
    ("Only stores speak to PostgreSQL and Redis, and the chassis to PostgreSQL", "casework.app", "psycopg"),
    ("Only stores speak to PostgreSQL and Redis, and the chassis to PostgreSQL", "routing.app", "redis"),
    ("Rules are pure", "casework.domain", "chassis.clock"),
    ("Rules are pure", "sla_monitor.domain", "random"),
    ("Rules are pure", "casework.consumer.openings", "time"),
    ("Rules are pure", "contracts.topics", "time"),
    ("Texts are as pure as rules", "web.texts.phrases", "random"),
    ("Inside a service: rules, then stores, then what reads and answers, then the app", "intake.domain", "intake.app"),
    ("What everyone may read comes from public reports alone", "public_map.api.map", "public_map.store.receipts"),
    ("Who has no API starts without what makes them", "routing.settings", "fastapi"),
    ("Pages are made by who has pages", "intake.settings", "web.design.pages"),
    ("A process of its own decodes photos, and loads nothing else", "intake.photos.worker", "starlette"),
    ("Nobody else decodes photos", "intake.photos.sandbox", "PIL"),
    ("A simulated year is drawn without asking anybody", "operations.simulate.model.arrivals", "httpx"),
    (ACYCLIC, "chassis.outbox", "chassis.kafka.client"),
]  # fmt: skip


def lint(folder: Path) -> str:
    """What import-linter says of a copy of the sources, by the rules of this repository."""
    paths = os.pathsep.join(str((folder / package).parent) for package in FOLDERS)
    program = str(Path(sys.executable).with_name("lint-imports"))
    argv = [program, "--no-logo", "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    environ = {**os.environ, "PYTHONPATH": paths, "COLUMNS": "300"}
    done = subprocess.run(argv, cwd=folder, env=environ, capture_output=True, text=True, timeout=60)
    return done.stdout


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says once all of the refused imports are there."""
    folder = tmp_path_factory.mktemp("sources")
    for package in FOLDERS:
        shutil.copytree(ROOT / package, folder / package, ignore=lambda _, names: {n for n in names if not_code(n)})
    (folder / PACKAGES[CASEWORK] / "elsewhere.py").write_text("")
    for _, importer, imported in REFUSED:
        name, *inner = importer.split(".")
        module = next(folder / package for package in FOLDERS if package.endswith(f"/{name}")).joinpath(*inner)
        file = module / "__init__.py" if module.is_dir() else module.with_suffix(".py")
        file.write_text(f"{file.read_text()}\nimport {imported}\n")
    return lint(folder)


def not_code(name: str) -> bool:
    return "." in name and not name.endswith(".py")


@pytest.mark.parametrize(("rule", "importer", "imported"), REFUSED)
def test_a_rule_refuses_an_import(rule: str, importer: str, imported: str, refusals: str) -> None:
    assert f"{rule} BROKEN" in refusals
    sections = re.split(r"^(.*)\n-+\n", refusals.partition("Broken contracts")[2], flags=re.MULTILINE)
    reasons = dict(zip(sections[1::2], sections[2::2], strict=True))[rule]
    assert (".outbox -> .kafka" if rule == ACYCLIC else f"{importer} -> {imported}") in reasons


def test_a_new_module_has_to_be_put_in_a_layer(refusals: str) -> None:
    assert "casework.elsewhere" in refusals


def test_each_rule_is_seen_to_refuse_something() -> None:
    assert {rule["name"] for rule in RULES} == {rule for rule, _, _ in REFUSED}
