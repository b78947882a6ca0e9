"""A system of one file's own, for what the journeys' shared one must not meet: lost databases, second instances."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from secrets import token_hex

from deploy.stack.infrastructure import Stack
from journeys.conftest import SECONDS
from journeys.journey import Journey
from support.stack.processes import running_system

DIRECTORY = """
[unit]
email = "{code}@policja.example"
digest = {seconds = 2}
[garrison]
email = "dyzurny.{code}@policja.example"
[headquarters]
log = true
[agency]
email = "{code}@zglaszanie.example"
"""


@contextmanager
def own_journey(stack: Stack, root: Path, **more: str) -> Iterator[Journey]:
    """It runs while the block does, under the journeys' terms and `more` settings; units' digests leave after two
    seconds.
    """
    namespace, settings = f"o{token_hex(3)}.", own_settings(root) | more
    with running_system(stack, root, namespace, settings=settings) as system, Journey(system) as journey:
        yield journey


def own_settings(root: Path) -> dict[str, str]:
    """What the services of such a system are told."""
    national = resources.files("contracts.policy").joinpath("terms.toml").read_text("utf-8")
    (terms := root / "terms.toml").write_text(f"{national}\n{SECONDS.read_text('utf-8')}", "utf-8")
    (directory := root / "directory.toml").write_text(DIRECTORY, "utf-8")
    return {
        "KMZB_INTAKE_TRUSTED_PROXIES": "127.0.0.1/32",
        "KMZB_TERMS_FILE": str(terms),
        "KMZB_NOTIFIER_DIRECTORY": str(directory),
        "KMZB_PUBLIC_MAP_RECONCILE_EVERY": "PT2S",
    }
