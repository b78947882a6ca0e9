"""A run with several workers keeps together what belongs together."""

import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from deploy.stack.infrastructure import Stack
from support.stack.workers import room_of

ROOT = Path(__file__).resolve().parents[2]
SHARED_OUT = re.compile(r"\[(gw\d+)\] .*PASSED (\S+?)(?:::|$)", re.MULTILINE)


@pytest.mark.parametrize(
    ("nodeid", "room"),
    [
        ("tests/journeys/test_faults.py::test_a[intake]", "journeys"),
        ("tests/journeys/test_metrics.py::test_b", "journeys"),
        ("tests/journeys/secured/test_everybody.py::test_b", "journeys/secured"),
        ("tests/deploy/test_system.py::test_c", "deploy"),
        ("tests/contracts/test_terms.py::test_d[a/b::c]", "contracts/test_terms.py"),
        ("tests/casework/api/test_reads.py::TestE::test_f", "casework/api/test_reads.py"),
    ],
)
def test_a_test_belongs_to_its_file_or_to_a_folder_that_stays_together(nodeid: str, room: str) -> None:
    assert room_of(nodeid) == room


@pytest.mark.long
def test_each_file_is_run_by_one_worker(stack: Stack) -> None:
    files = [
        "tests/contracts/policy/test_terms.py",
        "tests/contracts/policy/test_visibility.py",
        "tests/contracts/test_topics.py",
    ]
    # On the servers there are: with none named, the run would begin by starting its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= stack.addresses
    arguments = ["-n", "2", "--dist", "loadscope", "--no-loadscope-reorder", "-vv", *files]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout
    workers = defaultdict(set)
    for worker, file in SHARED_OUT.findall(run.stdout):
        workers[file].add(worker)
    assert workers.keys() == set(files)
    assert {file: len(by) for file, by in workers.items()} == dict.fromkeys(files, 1)
    assert len(set.union(*workers.values())) == 2
