"""One system of real processes for all journeys, under the national terms and two categories of seconds."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from secrets import token_hex

import pytest
from deploy.stack.infrastructure import Stack
from journeys.journey import Journey
from support.stack.processes import running_system

SECONDS = Path(__file__).with_name("terms.toml")


@pytest.fixture(scope="session")
def journey(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """The running system, and its users."""
    root = tmp_path_factory.mktemp("journey")
    terms = root / "terms.toml"
    national = resources.files("contracts.policy").joinpath("terms.toml").read_text("utf-8")
    terms.write_text(f"{national}\n{SECONDS.read_text('utf-8')}", "utf-8")
    # Journeys play many senders from one machine.
    settings = {"KMZB_INTAKE_TRUSTED_PROXIES": "127.0.0.1/32", "KMZB_TERMS_FILE": str(terms)}
    with running_system(stack, root, f"j{token_hex(3)}.", settings=settings) as system, Journey(system) as journey:
        yield journey
