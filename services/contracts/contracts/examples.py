"""The published example messages: at least an ordinary and an awkward one of each event, as files beside this module.

Consumers are tested against them, here and elsewhere: {topic, key, headers, value} as they stand on the log.
"""

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from contracts.envelope import Outgoing


@dataclass(frozen=True, slots=True)
class Example:
    """One message and the name of the event and of the example."""

    event: str
    name: str
    message: Outgoing


def examples() -> list[Example]:
    """Every published example, in the order of their names."""
    folder = Path(str(resources.files("contracts"))) / "examples"
    return [_example(file) for file in sorted(folder.glob("*/*.json"))]


def _example(file: Path) -> Example:
    raw = json.loads(file.read_text(encoding="utf-8"))
    headers = [(name, text.encode()) for name, text in raw["headers"].items()]
    value = json.dumps(raw["value"], ensure_ascii=False).encode()
    return Example(file.parent.name, file.stem, Outgoing(raw["topic"], raw["key"], headers, value))
