"""One system of real processes for all journeys, under the national terms and two categories of seconds."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from secrets import token_hex

import pytest
from deploy.stack.infrastructure import Stack
from journeys.journey import Journey
from journeys.strangers.difficult import Difficult, difficult_servers
from support.stack.processes import running_system

SECONDS = Path(__file__).with_name("terms.toml")


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The running system's folder."""
    return tmp_path_factory.mktemp("journey")


@pytest.fixture(scope="session")
def difficult(root: Path) -> Iterator[Difficult]:
    """The mail server and the webhook that the system is given."""
    with difficult_servers(root) as servers:
        yield servers


@pytest.fixture(scope="session")
def journey(stack: Stack, root: Path, difficult: Difficult) -> Iterator[Journey]:
    """The running system, and its users."""
    terms = root / "terms.toml"
    national = resources.files("contracts.policy").joinpath("terms.toml").read_text("utf-8")
    terms.write_text(f"{national}\n{SECONDS.read_text('utf-8')}", "utf-8")
    settings = {
        "KMZB_INTAKE_TRUSTED_PROXIES": "127.0.0.1/32",  # journeys play many senders from one machine
        "KMZB_PUBLIC_MAP_TRUSTED_PROXIES": "127.0.0.1/32",
        "KMZB_TERMS_FILE": str(terms),
        "KMZB_PUBLIC_MAP_RECONCILE_EVERY": "PT2S",  # what stands on the public topic is looked at while a journey lasts
        **difficult.settings,
    }
    with running_system(stack, root, f"j{token_hex(3)}.", settings=settings) as system, Journey(system) as journey:
        yield journey
