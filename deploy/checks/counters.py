"""What rises in a transaction rises once that is committed: it may be tried again, or done again event by event."""

import ast
from collections.abc import Iterator

from checks.sources import CHASSIS, PACKAGES, FunctionNode, Sources


def after_commit(sources: Sources) -> Iterator[str]:
    """A function that is given a connection is inside a transaction, so `connection.after_commit` counts for it."""
    for module in sources.under(CHASSIS, *PACKAGES.values()):
        for function in module.functions():
            if _has_connection(function):
                for node in ast.walk(function):
                    called = node.func if isinstance(node, ast.Call) else None
                    if isinstance(called, ast.Attribute) and called.attr in ("inc", "observe"):
                        yield f"{module.at(called)}: {function.name} counts before the commit"


def _has_connection(function: FunctionNode) -> bool:
    return any(argument.arg == "connection" for argument in (*function.args.args, *function.args.kwonlyargs))
