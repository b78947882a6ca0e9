"""Migrations expand: while a release is put in place, and when it is taken back, the one before works on its tables."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from pglast import ast, parse_sql
from pglast.enums import AlterTableType, ConstrType, ObjectType
from pglast.parser import ParseError

from checks.releases.archive import Archive, kept
from checks.sources import Sources

_LATER = "expand now, contract once the release before does without (docs/decisions/0103)"
_FINE = (
    ast.CreateSeqStmt, ast.CreateTableAsStmt, ast.CreateStatsStmt, ast.CreateSchemaStmt, ast.CreateExtensionStmt,
    ast.CreateEnumStmt, ast.CommentStmt, ast.InsertStmt, ast.UpdateStmt, ast.SelectStmt,
)  # fmt: skip
"""Statements that take nothing away. What is neither here nor in `_effect` is asked about."""
_TAKING = {
    AlterTableType.AT_DropColumn: "drops {name}",
    AlterTableType.AT_SetNotNull: "lets {name} be null no more",
    AlterTableType.AT_DropNotNull: "lets {name} be null",
    AlterTableType.AT_AlterColumnType: "changes the type of {name}",
    AlterTableType.AT_AddConstraint: "adds a constraint",
    AlterTableType.AT_DropConstraint: "drops the constraint {name}",
}
_FILLED = {ConstrType.CONSTR_DEFAULT, ConstrType.CONSTR_GENERATED, ConstrType.CONSTR_IDENTITY}
_GROWING = (AlterTableType.AT_ColumnDefault, AlterTableType.AT_SetRelOptions, AlterTableType.AT_SetStatistics)


def expanding(sources: Sources) -> Iterator[str]:
    """No migration takes what the release before uses, and none that it has applied is changed."""
    before = kept(sources.root)
    if before is None:
        return
    now = {str(path): (sources.root / path).read_text("utf-8") for path in sources.files("*/migrations/*.sql")}
    for path, text in before.texts.items():
        if path.endswith(".sql") and now.get(path) != text:
            done = "changed" if path in now else "gone"
            yield f"{path}:1: is {done}, and databases of release {before.version} have it: write a new migration"
    new = defaultdict[PurePosixPath, set[str]](set)
    for path, text in sorted(now.items()):
        if path not in before.texts:
            yield from _Reading(path, text, before, new[PurePosixPath(path).parent]).offences()


@dataclass
class _Reading:
    """One new migration. `new` are the tables that it and new ones before it make: nobody uses those yet."""

    path: str
    text: str
    before: Archive
    new: set[str]

    def offences(self) -> Iterator[str]:
        try:
            statements: Any = parse_sql(self.text)
        except ParseError as wrong:
            yield f"{self.path}:1: {wrong}"
            return
        written, ended = self.text.encode(), 0
        for statement in statements:
            remarks = written[ended : statement.stmt_location]
            begins = written[: statement.stmt_location].count(b"\n") + 1
            ended = statement.stmt_location + statement.stmt_len
            vouched = f"-- {self.before.version} goes on: ".encode() in remarks
            for effect, name in self._effects(statement.stmt):
                if name and (place := self._named_at(name)):
                    yield f"{self.path}:{begins}: {effect}, and {self.before.version} names it at {place}: {_LATER}"
                elif not vouched:
                    yield f"{self.path}:{begins}: {effect}, and {self.before.version} runs beside it: {_LATER}"

    def _effects(self, node: ast.Node) -> Iterator[tuple[str, str]]:
        """What a statement takes or forbids, each with the name that is gone then, if one is."""
        said: Any = node  # its types say that anything may be absent
        match node:
            case ast.CreateStmt():
                self.new.add(said.relation.relname)
            case ast.AlterTableStmt():
                if said.relation.relname not in self.new:
                    for command in said.cmds:
                        yield from _altered(command)
            case ast.IndexStmt():
                if said.unique and said.relation.relname not in self.new:
                    yield f"makes rows of {said.relation.relname} unique", ""
            case ast.CreateTrigStmt() | ast.CreateFunctionStmt() | ast.ViewStmt():
                if said.replace:
                    yield "replaces a function, trigger or view", ""
            case ast.GrantStmt():
                if not said.is_grant:
                    yield "revokes a right", ""
            case ast.RenameStmt():
                yield f"renames {said.subname or said.relation.relname}", said.subname or said.relation.relname
            case ast.DropStmt():
                for name in map(_last_name, said.objects):
                    trigger = said.removeType is ObjectType.OBJECT_TRIGGER
                    yield f"drops {name}", "" if trigger else name
            case _ if not isinstance(node, _FINE):
                yield f"nobody can tell what a {type(node).__name__.removesuffix('Stmt')} statement takes", ""

    def _named_at(self, name: str) -> str | None:
        """Where a service of the release before, or the shell it stands in, names what is gone."""
        package = self.path.partition("/")[0]
        word = re.compile(rf"\b{re.escape(name)}\b")
        for path, text in self.before.texts.items():
            if path.endswith(".py") and (package == "services" or path.startswith(f"{package}/")):
                for number, line in enumerate(text.splitlines(), 1):
                    if word.search(line):
                        return f"{path}:{number}"
        return None


def _altered(command: Any) -> Iterator[tuple[str, str]]:
    kind = command.subtype
    if kind is AlterTableType.AT_AddColumn:
        column = command.def_
        found = {constraint.contype for constraint in column.constraints or ()}
        if ConstrType.CONSTR_NOTNULL in found and not found & _FILLED:
            yield f"adds {column.colname}, which may not be null and has no default", ""
    elif kind is AlterTableType.AT_ColumnDefault and command.def_ is None:
        yield f"takes the default from {command.name}", ""
    elif kind in _TAKING:
        yield _TAKING[kind].format(name=command.name), command.name if kind is AlterTableType.AT_DropColumn else ""
    elif kind not in _GROWING:
        yield f"nobody can tell what {kind.name.removeprefix('AT_')} takes", ""


def _last_name(named: Any) -> str:
    """The name of a dropped object itself, without its schema or table."""
    parts = named.objname if isinstance(named, ast.ObjectWithArgs) else named
    if isinstance(parts, ast.TypeName):
        parts = parts.names
    last = parts[-1] if isinstance(parts, tuple) else parts
    return str(getattr(last, "sval", last))
