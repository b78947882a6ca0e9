"""What exactly one module may do: ask the time, spell a topic's name, read the environment."""

import ast
from collections.abc import Iterator

from checks.sources import CHASSIS, CONTRACTS, PACKAGES, PRODUCT, Sources, dotted

CLOCK = f"{CHASSIS}/clock.py"
SETTINGS = f"{CHASSIS}/settings.py"
REGISTRY = f"{CONTRACTS}/topics.py"
_TOPICS_BEGIN_WITH = ("kmzb.internal.", "kmzb.public.", "kmzb.partner.")


def clock(sources: Sources) -> Iterator[str]:
    """Rules get the time as an argument, so only one module asks for it."""
    for module in sources.under(*PRODUCT):
        for node in module.nodes:
            if isinstance(node, ast.Call) and str(module.path) != CLOCK:
                called = dotted(node.func)
                if called in {f"{of}.{name}" for of in ("datetime", "date") for name in ("now", "utcnow", "today")}:
                    yield f"{module.at(node)}: {called} is for {CLOCK} alone"


def topics(sources: Sources) -> Iterator[str]:
    """A topic's name is spelt in the registry; everything else uses the registry's constants."""
    for module in sources.under(*PRODUCT, "deploy/deploy"):
        for node in module.nodes:
            spelt = isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value
            if spelt and spelt.startswith(_TOPICS_BEGIN_WITH) and str(module.path) != REGISTRY:
                yield f"{module.at(node)}: topics are spelt in {REGISTRY} alone"  # type: ignore[arg-type]


def environment(sources: Sources) -> Iterator[str]:
    """A service's settings are checked before it starts, so nothing else reads the environment."""
    for module in sources.under(CONTRACTS, CHASSIS, *PACKAGES.values()):
        for node in module.nodes:
            reads = isinstance(node, ast.Attribute) and dotted(node) in ("os.environ", "os.getenv", "os.environb")
            if reads and str(module.path) != SETTINGS:
                yield f"{module.at(node)}: the environment is read in {SETTINGS} alone"  # type: ignore[arg-type]
