"""SQL lives in stores, and what a store's function does to the data is the first word of its name."""

import ast
import re
from collections.abc import Iterator

from checks.sources import CHASSIS, CONTRACTS, PACKAGES, FunctionNode, Module, Sources

READING = ("find", "read", "list", "count")
WRITING = ("insert", "update", "upsert", "delete", "lock", "claim", "set")
"""The verbs of stores: `insert_` new rows only, `upsert_` insert or merge, `lock_` select for update, `claim_` take
work that others then leave alone, `set_` the identity that row-level security judges by; reading ones change nothing.
"""
_CHASSIS_STORES = tuple(
    f"{CHASSIS}/{name}" for name in ("postgres.py", "outbox.py", "kafka/held.py", "kafka/processing.py")
)
_STATEMENT = re.compile(
    r"\s*(select\s.*\bfrom\s|select\s+\w+\(|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|with\s+\w+\s.*\bas\b.*\("
    r"|merge\s+into\s|lock\s+table\s|truncate\s|(create|alter|drop)\s+(table|index|function|role|policy)\s)",
    re.IGNORECASE | re.DOTALL,
)
_WRITES = re.compile(r"\b(insert\s+into|update\s+\w+\s+set|delete\s+from|merge\s+into|truncate)\b", re.IGNORECASE)
_WHOLE_ROWS = re.compile(r"\b(select|returning)\s+((?P<of>\w+)\.)?\*(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_GIVEN = r"\s*(,.*?)?\s*from\s+(\(|unnest\b)"
"""What follows `select *` of rows that the statement itself gives."""


def sql(sources: Sources) -> Iterator[str]:
    """No statement and no call that runs one, but in stores and in the chassis's own tables."""
    for module in sources.under(CONTRACTS, CHASSIS, *PACKAGES.values()):
        if not (_is_store(module) or str(module.path) in _CHASSIS_STORES):
            for node in module.nodes:
                if isinstance(node, ast.Attribute) and node.attr in ("execute", "executemany"):
                    yield f"{module.at(node)}: .{node.attr} outside of a store"
            for statement in _statements(module.nodes):
                yield f"{module.at(statement)}: SQL outside of a store"


def verbs(sources: Sources) -> Iterator[str]:
    """Public functions of stores begin with a verb of one list, and those that read don't write."""
    for module in sources.under(*PACKAGES.values()):
        if _is_store(module):
            for function in _public_functions(module.tree):
                verb = function.name.partition("_")[0]
                if verb not in READING + WRITING:
                    yield f"{module.at(function)}: {function.name} begins with no verb of {__name__}"
                elif verb in READING and any(
                    _WRITES.search(_text(node)) for node in _statements(list(ast.walk(function)))
                ):
                    yield f"{module.at(function)}: {function.name} reads by its name and writes by its SQL"


def columns(sources: Sources) -> Iterator[str]:
    """Columns of tables are named, wherever they are read or copied.

    A column that comes with the next release would change what this one's prepared statements give, which PostgreSQL
    refuses, and fill what `insert … select *` writes with nulls (docs/decisions/0103).
    """
    for module in sources.under(CHASSIS, *PACKAGES.values()):
        for statement in _statements(module.nodes):
            if (found := _WHOLE_ROWS.search(text := _text(statement))) and not _of_given_rows(found, text):
                yield f"{module.at(statement)}: name the columns instead of {found[0].split('*')[0]}*"


def _of_given_rows(found: re.Match[str], text: str) -> bool:
    if of := found["of"]:
        return bool(re.search(rf"unnest\(.*\)\s+as\s+{of}\b", text, re.IGNORECASE | re.DOTALL))
    return bool(re.match(_GIVEN, found["rest"], re.IGNORECASE | re.DOTALL))


def _is_store(module: Module) -> bool:
    return module.path.name == "store.py" or "store" in module.path.parts


def _public_functions(tree: ast.Module) -> Iterator[FunctionNode]:
    """Functions and methods; a property or a class method says what something is, not what is done."""
    for node in tree.body:
        for function in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(function, FunctionNode) and not function.name.startswith("_"):
                names = {decorator.id for decorator in function.decorator_list if isinstance(decorator, ast.Name)}
                if not names & {"property", "classmethod"}:
                    yield function


def _statements(nodes: list[ast.AST]) -> Iterator[ast.Constant | ast.JoinedStr]:
    """String literals that are SQL; not docstrings, and parts of an f-string belong to its whole."""
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    prose = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    literals = [node for node in nodes if isinstance(node, ast.Constant | ast.JoinedStr)]
    for node in literals:
        if id(node) not in parts and id(node) not in prose and _STATEMENT.match(_text(node)):
            yield node


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(value) for value in node.values)
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "x"  # what stands in the braces of an f-string
