"""The sources that checks look at: Python modules by folder, each parsed once."""

import ast
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from contracts.topics import SERVICES

Check = Callable[["Sources"], Iterator[str]]
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

CONTRACTS = "services/contracts/contracts"
CHASSIS = "services/chassis/chassis"
PACKAGES = {service: f"{service}/{service.replace('-', '_')}" for service in SERVICES}
"""Where each service's package is, by the service's name."""
DISTRICTS = "services/districts/districts"
OBJECTS = "services/objects/objects"
PRODUCT = (
    CONTRACTS, CHASSIS, "services/web/web", DISTRICTS, OBJECTS, *PACKAGES.values(), "boundaries/boundaries",
    "operations/operations",
)  # fmt: skip


def dotted(node: ast.expr) -> str:
    """`a.b.c` of names and attributes; what is neither is left out."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@dataclass(frozen=True)
class Module:
    """One Python file, by its path from the root."""

    path: PurePosixPath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """What it says."""
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Everything in its tree, from the outside in."""
        return list(ast.walk(self.tree))

    @property
    def lines(self) -> int:
        """How long it is."""
        return len(self.text.splitlines())

    def at(self, node: ast.expr | ast.stmt | ast.alias) -> str:
        """The beginning of an offence in this module."""
        return f"{self.path}:{node.lineno}"

    def functions(self) -> Iterator[FunctionNode]:
        """All of its functions, wherever they stand."""
        return (node for node in self.nodes if isinstance(node, FunctionNode))


@dataclass(frozen=True)
class Sources:
    """A source tree."""

    root: Path

    @cached_property
    def modules(self) -> list[Module]:
        """Every Python file, parsed when it is looked at."""
        return [Module(path, (self.root / path).read_text(encoding="utf-8")) for path in self.files("*.py")]

    def files(self, *patterns: str) -> list[PurePosixPath]:
        """The files that are or could be committed, by patterns of git, in order."""
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *patterns],
            cwd=self.root, capture_output=True, text=True, check=True,
        )  # fmt: skip
        paths = sorted({line for line in listed.stdout.split("\0") if line and (self.root / line).exists()})
        return [PurePosixPath(path) for path in paths]

    def under(self, *folders: str) -> Iterator[Module]:
        """The modules in these folders and below."""
        return (module for module in self.modules if any(module.path.is_relative_to(folder) for folder in folders))
