"""Every public class and function says what it is, in what shapes and units, and which errors it raises."""

import ast
from collections.abc import Iterator

from checks.sources import PRODUCT, FunctionNode, Sources

Documentable = ast.ClassDef | FunctionNode


def public_names(sources: Sources) -> Iterator[str]:
    """A public name without a docstring. Dunder methods and properties are said by their names.

    So is a route of an API, whose decorator has a summary, and one spelling of an overloaded function.
    """
    for module in sources.under(*PRODUCT):
        for node, name in _public(module.tree.body):
            if ast.get_docstring(node) is None and not _said_otherwise(node):
                yield f"{module.at(node)}: {name} has no docstring"


def _public(body: list[ast.stmt], inside: str = "") -> Iterator[tuple[Documentable, str]]:
    for node in body:
        if isinstance(node, Documentable) and not node.name.startswith("_"):
            yield node, inside + node.name
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body, f"{inside}{node.name}.")


def _said_otherwise(node: Documentable) -> bool:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and any(keyword.arg == "summary" for keyword in decorator.keywords):
            return True
        if isinstance(decorator, ast.Name) and decorator.id in ("property", "cached_property", "overload"):
            return True
    return False
