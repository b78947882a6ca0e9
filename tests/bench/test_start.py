"""How long a service takes until it serves, beside what importing its libraries takes on the same machine."""

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import monotonic

import pytest
from deploy.stack.infrastructure import Stack
from deploy.stack.process import Process, wait_until
from support.stack.processes import running_system

LIBRARIES = (
    "import confluent_kafka, fastapi, msgspec, prometheus_client, psycopg, pydantic_settings, structlog, uvicorn"
)
FLOOR = 4.0
"""Measured 1.3 (sla-monitor) to 2.7 (casework, with the country's districts): 0.45 to 0.96 s."""


def seconds_of_libraries() -> float:
    began = monotonic()
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True)
    return monotonic() - began


def seconds_until_it_serves(process: Process) -> float:
    process.stop()
    began = monotonic()
    process.start()
    assert wait_until(lambda: process.serves, 30, pause=0.01), process.tail()
    return monotonic() - began


@pytest.mark.alone
@pytest.mark.timeout(150)
def test_a_service_starts_in_little_more_than_its_libraries(stack: Stack, tmp_path: Path, namespace: str) -> None:
    with running_system(stack, tmp_path, namespace) as system:
        services = [system.process(name) for name in system.only]
        for process in services:
            process.held.touch()  # the supervisor leaves it alone
            process.stop()
        libraries = median(seconds_of_libraries() for _ in range(5))
        started = {
            process.part.name: median(seconds_until_it_serves(process) for _ in range(3)) for process in services
        }
    said = {name: f"{seconds:.2f} s, {seconds / libraries:.1f} times" for name, seconds in started.items()}
    print(f"libraries {libraries:.2f} s;", said)
    assert len(started) == 6
    assert max(started.values()) <= FLOOR * libraries, said
