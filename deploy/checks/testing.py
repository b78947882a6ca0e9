"""Tests use what is public, wait for conditions, never for a length of time, and can be seen to fail."""

import ast
import tomllib
from collections.abc import Iterator, Mapping

from checks.sources import Module, Sources, dotted

TESTS = "tests"


def private_names(sources: Sources) -> Iterator[str]:
    """A test that patches, sets or imports a private name holds the code to what it may change at any time."""
    for module in sources.under(TESTS):
        for node in module.nodes:
            for name in _imported(node) or _patched(node) or _assigned(node):
                if name.startswith("_") and not name.startswith("__"):
                    yield f"{module.at(node)}: {name} is private"  # type: ignore[arg-type]


def sleeps(sources: Sources) -> Iterator[str]:
    """A test that sleeps is slow on a fast machine and fails on a slow one."""
    for module in sources.under(TESTS):
        sleeping = {"time.sleep", "asyncio.sleep", *_imported_sleeps(module)}
        for node in module.nodes:
            if isinstance(node, ast.Call) and dotted(node.func) in sleeping:
                yield f"{module.at(node)}: sleeps; wait for a condition instead (support.wait)"


def mutations(sources: Sources) -> Iterator[str]:
    """Where a line was rewritten that a row takes away, to see a test fail (docs/decisions/0048), the row is, too."""
    for table in sources.files("tests/mutations/*.toml"):
        for row in tomllib.loads(_text(sources, str(table)))["mutation"]:
            yield from (f"{table}: {row['example']!r}: {wrong}" for wrong in _wrongs(sources, row))


def _wrongs(sources: Sources, row: Mapping[str, str]) -> Iterator[str]:
    if _text(sources, row["path"]).count(row["old"]) != 1 or row["old"] == row["new"]:
        yield f"{row['path']} was rewritten: write this row anew"
    file, _, name = row["test"].partition("::")
    if f"def {name.partition('[')[0]}(" not in _text(sources, file):
        yield f"{row['test']} is not there"


def _text(sources: Sources, path: str) -> str:
    file = sources.root / path
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _imported(node: ast.AST) -> list[str]:
    return [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []


def _patched(node: ast.AST) -> list[str]:
    """The last part of what `monkeypatch.setattr` and `delattr` name, as ("a.b.name", …) or (thing, "name", …)."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return []
    if node.func.attr not in ("setattr", "delattr"):
        return []
    texts = [each.value for each in node.args[:2] if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return [text.rpartition(".")[2] for text in texts]


def _assigned(node: ast.AST) -> list[str]:
    """Attributes that are set on anything but the object itself."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
    return [
        each.attr
        for target in targets
        for each in ast.walk(target)
        if isinstance(each, ast.Attribute) and dotted(each.value) not in ("self", "cls")
    ]


def _imported_sleeps(module: Module) -> Iterator[str]:
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom) and node.module in ("time", "asyncio"):
            yield from (alias.asname or alias.name for alias in node.names if alias.name == "sleep")
