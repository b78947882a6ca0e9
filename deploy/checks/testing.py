"""Tests use what is public, and wait for conditions, never for a length of time."""

import ast
from collections.abc import Iterator

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
