"""Two systems of real processes for all journeys: one under the national terms, one whose days are seconds."""

from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from deploy.stack.infrastructure import Stack
from support.journey import Journey
from support.processes import running_system

TERMS = Path(__file__).with_name("terms.toml")
# Journeys play many senders from one machine.
SETTINGS = {"KMZB_INTAKE_TRUSTED_PROXIES": "127.0.0.1/32"}


@pytest.fixture(scope="session")
def journey(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """The system under the national terms."""
    root = tmp_path_factory.mktemp("journey")
    with running_system(stack, root, f"j{token_hex(3)}.", settings=SETTINGS) as system, Journey(system) as journey:
        yield journey


@pytest.fixture(scope="session")
def quick(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """The system with terms in seconds: see terms.toml."""
    root = tmp_path_factory.mktemp("quick")
    settings = {**SETTINGS, "KMZB_TERMS_FILE": str(TERMS)}
    with running_system(stack, root, f"q{token_hex(3)}.", settings=settings) as system, Journey(system) as journey:
        yield journey
