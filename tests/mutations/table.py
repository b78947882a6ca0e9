"""The examples of strangers, and what mends each: one place in the code, and the test that fails without it."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Mutation:
    """`old`, once in the file at `path`, becomes `new`; then `test` fails. `example` is what a stranger did."""

    example: str
    path: str
    old: str
    new: str
    test: str

    def apply(self, root: Path) -> str:
        """Take the mending away under a folder; gives the file as it was."""
        file = root / self.path
        before = file.read_text(encoding="utf-8")
        file.write_text(before.replace(self.old, self.new), encoding="utf-8")
        return before


def mutations() -> Iterator[Mutation]:
    """Every one of the tables beside this file."""
    for table in sorted(Path(__file__).parent.glob("*.toml")):
        for row in tomllib.loads(table.read_text(encoding="utf-8"))["mutation"]:
            yield Mutation(**row)
