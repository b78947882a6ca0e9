"""The two images. No engine builds them here, so the steps of deploy/Dockerfile that install are run outside of one."""

import filecmp
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from deploy.stack.services import SERVICES
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support.deploy.dockerfile import read_dockerfile

ROOT = Path(__file__).resolve().parents[2]
STAGES = read_dockerfile(ROOT / "deploy" / "Dockerfile")
MEMBERS: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["workspace"]["members"]
OF_OPERATIONS = {"boundaries", "deploy", "operations"}
OF_DEVELOPMENT = {"pytest", "mypy", "ruff", "hypothesis", "playwright", "import-linter", "uv", "uv-build", "pip"}
OF_OPERATORS = {"aiosmtpd", "typer", "watchfiles", "rich"}
VENDOR = "services/web/web/design/static/vendor"
UV = [str(Path(sys.executable).with_name("uv")), "--quiet"]
# Imports every module of the packages named first but what makes the base map, an extra that no image has; starts the
# programs named then, and says what is installed.
PROGRAM = """
import importlib, importlib.metadata, json, pkgutil, runpy, sys
packages, programs = (names.split() for names in sys.argv[1:])
for name in packages:
    for module in pkgutil.walk_packages(importlib.import_module(name).__path__, f"{name}."):
        if not module.name.endswith("__main__") and not module.name.startswith("boundaries.basemap."):
            importlib.import_module(module.name)
sys.argv = ["program", "--help"]
for name in programs:
    try:
        runpy.run_module(name, run_name="__main__")
    except SystemExit as ended:
        print(name, ended.code, file=sys.stderr)
print(json.dumps([each.name.lower() for each in importlib.metadata.distributions()]))
"""


@pytest.fixture(scope="module", params=["services", pytest.param("operations", marks=pytest.mark.slow)])
def target(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def python(target: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an image: the installing stage's own steps, run in a folder that has what it copies."""
    root = tmp_path_factory.mktemp(target)
    source, environment = root / "source", root / ".venv"
    source.mkdir()
    told = {**os.environ, "VIRTUAL_ENV": str(environment), "UV_OFFLINE": "1"}
    subprocess.run([*UV, "venv", "--python", str(Path(sys.executable).resolve()), str(environment)], check=True)
    for word, rest in STAGES[f"installed-{target}"].steps:
        if word == "COPY" and rest.startswith("--from="):
            assert rest == f"--from=pages /source/vendor {VENDOR}"  # what `make setup` put there, see below
        elif word == "COPY":
            _copy(rest, source)
        else:
            assert word == "RUN"
            program, *arguments = rest.split()
            assert program == "uv"
            subprocess.run([*UV, *arguments], env=told, cwd=source, check=True)
    return environment / "bin" / "python"


def _copy(rest: str, source: Path) -> None:
    copied, place = rest.split()
    path = source / (Path(copied).name if place == "./" else place)
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(ROOT / copied)


@pytest.mark.slow
def test_what_browsers_load_of_npms_packages_is_the_same_in_the_images_as_here(tmp_path: Path) -> None:
    stage = STAGES["pages"]
    assert stage.base.startswith("node:")
    for word, rest in stage.steps:
        if word == "COPY":
            _copy(rest, tmp_path)
        elif word == "RUN":
            told = {**os.environ, "npm_config_prefer_offline": "true"}
            subprocess.run(rest.split(), env=told, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    made, here = tmp_path / "vendor", ROOT / VENDOR
    names = sorted(path.name for path in made.iterdir())
    assert {"maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css", "pmtiles.js", "LICENCES.txt"} <= set(names)
    assert filecmp.cmpfiles(made, here, names, shallow=False) == (names, [], [])


def test_an_image_starts_what_it_is_for_with_its_own_packages(target: str, python: Path) -> None:
    ours = {member.rpartition("/")[2].replace("-", "_") for member in MEMBERS}
    services = target == "services"
    packages = ours - OF_OPERATIONS if services else OF_OPERATIONS
    programs = [service.replace("-", "_") for service in SERVICES] if services else ["operations.cli"]
    command = [str(python), "-P", "-c", PROGRAM, " ".join(packages), " ".join(programs)]
    done = subprocess.run(command, env={"LANG": "C.UTF-8"}, cwd="/", capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    if services:
        # Each says what it has to be told; nothing it needs was missing before.
        assert done.stderr.count("KMZB_KAFKA_BOOTSTRAP: Field required") == len(SERVICES), done.stderr
    else:
        assert "operations.cli 0" in done.stderr
    for file in (ROOT / VENDOR).iterdir():  # git-ignored, and in the package all the same
        assert next(python.parents[1].glob(f"lib/*/site-packages/web/design/static/vendor/{file.name}")).is_file()
    installed = set(json.loads(done.stdout.splitlines()[-1]))
    wanted = packages if services else ours
    assert {name for name in installed if name.startswith("kmzb-")} == {
        f"kmzb-{package.replace('_', '-')}" for package in wanted
    }
    assert not installed & (OF_DEVELOPMENT | (OF_OPERATORS if services else set()))


@pytest.mark.parametrize("target", ["services", "operations"])
def test_the_lock_of_an_image_is_what_its_packages_ask_for(target: str) -> None:
    members = [member.rpartition("/")[2] for member in MEMBERS if target == "operations" or member not in OF_OPERATIONS]
    asked_for = _asked_for(f"kmzb-{member}" for member in members)
    here = {
        requirement.name: str(requirement.specifier).removeprefix("==")
        for requirement in map(Requirement, _pinned(ROOT / "deploy" / f"{target}.lock"))
        if not requirement.marker or requirement.marker.evaluate()
    }
    assert here.keys() == {name for name in asked_for if not name.startswith("kmzb-")}
    assert here == {name: metadata.version(name) for name in here}
    assert not here.keys() & (OF_DEVELOPMENT | (OF_OPERATORS if target == "services" else set()))


def test_the_locks_of_the_images_are_parts_of_the_one_that_is_tested() -> None:
    tested, operations, services = (
        _pinned(ROOT / name).items() for name in ("requirements.lock", "deploy/operations.lock", "deploy/services.lock")
    )
    assert services <= operations <= tested


def test_each_image_runs_as_nobody_in_particular_and_takes_its_packages_alone() -> None:
    for target in ("services", "operations"):
        stage = STAGES[target]
        assert stage.base == "base"
        assert stage.all("USER") == ["kmzb"]
        last = [word for word, _ in stage.steps].index("USER")
        assert not {word for word, _ in stage.steps[last:]} - {"USER", "CMD"}
        assert stage.all("COPY") == [f"--from=installed-{target} /app/.venv /app/.venv"]
    assert next(reversed(STAGES)) == "services"  # what is built when no target is named
    assert STAGES["base"].all("COPY") == []


def test_each_image_takes_every_package_in_that_it_is_for() -> None:
    context = (ROOT / ".dockerignore").read_text().splitlines()
    for target, members in (
        ("services", [member for member in MEMBERS if member not in OF_OPERATIONS]),
        ("operations", MEMBERS),
    ):
        stage = STAGES[f"installed-{target}"]
        folders = dict.fromkeys(member.partition("/")[0] for member in members)
        assert stage.all("COPY") == [
            f"deploy/{target}.lock ./",
            "pyproject.toml ./",
            "services services",
            f"--from=pages /source/vendor {VENDOR}",
            *(f"{each} {each}" for each in folders if each != "services"),
        ]
        assert stage.all("RUN")[-1].split()[5:] == [f"./{member}" for member in members]
        assert all(f"!{folder}" in context for folder in folders)
    assert {"!package.json", "!package-lock.json", "!.npmrc", VENDOR} <= set(context)


def test_every_stage_stands_on_the_python_the_packages_are_tested_with() -> None:
    images = {stage.base for name, stage in STAGES.items() if stage.base not in STAGES and name != "pages"}
    assert images == {f"python:{sys.version_info.major}.{sys.version_info.minor}-slim-bookworm"}


def _asked_for(distributions: Iterable[str]) -> set[str]:
    """Distributions and all that they need on this machine, however far down, with the extras that are named."""
    seen = set[tuple[str, str]]()
    waiting = [(name, "") for name in distributions]
    while waiting:
        if (each := waiting.pop()) in seen:
            continue
        seen.add(each)
        name, extra = each
        for requirement in map(Requirement, metadata.requires(name) or ()):
            if not requirement.marker or requirement.marker.evaluate({"extra": extra}):
                needed = canonicalize_name(requirement.name)
                waiting.extend((needed, wanted) for wanted in ("", *requirement.extras))
    return {name for name, _ in seen}


def _pinned(lock: Path) -> dict[str, frozenset[str]]:
    """The hashes of each package of a lock, by its name and version with the machines they are for."""
    packages = re.split(r"\n(?=[a-z0-9])", lock.read_text(encoding="utf-8"))
    return {
        package.partition("\\\n")[0].strip(): frozenset(re.findall(r"sha256:[0-9a-f]{64}", package))
        for package in packages
        if not package.startswith("#")
    }
