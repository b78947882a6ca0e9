"""What was measured, kept as JSON: each line with when, where and how, until it is measured again."""

from datetime import datetime
from pathlib import Path

import msgspec

from bench.core.rounds import Row


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One line's rows, or why there are none, and the circumstances."""

    line: int
    rows: tuple[Row, ...]
    at: datetime
    command: str
    machine: str
    versions: str
    load: str
    seconds: float
    failed: str = ""


def read_results(file: Path) -> dict[int, Measured]:
    """By line; none where there is no file yet."""
    if not file.exists():
        return {}
    return {found.line: found for found in msgspec.json.decode(file.read_bytes(), type=list[Measured])}


def write_results(file: Path, measured: dict[int, Measured]) -> None:
    """Keep them, in the order of the lines, so that versions of the file can be compared."""
    lines = [measured[number] for number in sorted(measured)]
    file.write_bytes(msgspec.json.format(msgspec.json.encode(lines), indent=1) + b"\n")
