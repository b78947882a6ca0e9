"""Holds the size budgets: a file, a function, and the chassis as a whole (docs/decisions/0006)."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 250
FUNCTION_LINES = 40
CHASSIS_LINES = 1500
CHASSIS = Path("services/chassis/chassis")


def problems(files: list[Path]) -> Iterator[str]:
    """What is over its budget."""
    chassis = 0
    for file in files:
        text = file.read_text(encoding="utf-8")
        lines = len(text.splitlines())
        if lines > FILE_LINES:
            yield f"{file}: {lines} lines, {FILE_LINES} allowed"
        yield from (f"{file}:{where}" for where in long_functions(ast.parse(text)))
        if CHASSIS in file.parents:
            chassis += lines
    if chassis > CHASSIS_LINES:
        yield f"{CHASSIS}: {chassis} lines, {CHASSIS_LINES} allowed"


def long_functions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{node.lineno}: {node.name} has {length} lines, {FUNCTION_LINES} allowed"


def main() -> None:
    known = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = list(problems([file for file in map(Path, known.stdout.split()) if file.exists()]))
    print(*found, sep="\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
