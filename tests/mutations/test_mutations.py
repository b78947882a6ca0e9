"""Each example's test can fail: what mends it is taken away in a copy of the sources, and that very test goes red.

Slow, some minutes (docs/decisions/0048); that every place still stands there, once, is for `make check` to see.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from checks.sources import Sources
from mutations.table import ROOT, Mutation, mutations
from support.stack.servers import private_stack

ALL = list(mutations())
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]["workspace"]["members"]
# Made, not kept: what tests of pages and of images look at besides.
MADE = ("node_modules", ".pages", "services/web/web/design/static/vendor")
_SECONDS = 240


def named(mutation: Mutation) -> str:
    return re.sub(r"\W+", "-", mutation.example)[:60]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources once more, with a Python of their own that finds these packages and not the ones beside the test."""
    root = tmp_path_factory.mktemp("copy")
    for path in Sources(ROOT).files():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, root / path)
    for folder in (folder for folder in MADE if (ROOT / folder).exists()):
        (root / folder).symlink_to(ROOT / folder)
    venv.create(root / ".venv")
    own = next((root / ".venv/lib").glob("python*/site-packages"))
    installed = [path for path in sys.path if path.endswith("site-packages")]
    own.joinpath("copy.pth").write_text("\n".join([*(str(root / package) for package in PACKAGES), *installed]))
    return root


@pytest.fixture(scope="module")
def servers() -> Iterator[Mapping[str, str]]:
    """One stack for all of them, and nobody else's: their databases of Redis are those of a run by itself."""
    with private_stack() as stack:
        yield stack.addresses


def failed(root: Path, servers: Mapping[str, str], *tests: str) -> tuple[int, str]:
    """The exit code of a run of tests in the copy, and what it said."""
    argv = [str(root / ".venv/bin/python"), "-m", "pytest", "-x", "-rf", "-p", "no:cacheprovider", *tests]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "KMZB_"))}
    environ = {**own, **servers}
    done = subprocess.run(
        argv, cwd=root, env=environ, capture_output=True, text=True, timeout=_SECONDS * max(1, len(tests) // 4)
    )
    return done.returncode, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.slow
@pytest.mark.timeout(_SECONDS * 20)
def test_with_everything_in_its_place_all_of_them_pass(copy: Path, servers: Mapping[str, str]) -> None:
    code, said = failed(copy, servers, *sorted({mutation.test for mutation in ALL}))
    assert code == 0, said


@pytest.mark.slow
@pytest.mark.timeout(_SECONDS + 10)
@pytest.mark.parametrize("mutation", ALL, ids=named)
def test_an_example_s_test_fails_without_what_mends_it(
    mutation: Mutation, copy: Path, servers: Mapping[str, str]
) -> None:
    before = mutation.apply(copy)
    try:
        code, said = failed(copy, servers, mutation.test)
    finally:
        (copy / mutation.path).write_text(before, encoding="utf-8")
    assert (code, f"FAILED {mutation.test}" in said) == (1, True), said
