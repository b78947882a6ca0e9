"""The tables of a dataset: what each column means, and how a table is written as CSV."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from contracts.policy.categories import catalogues
from contracts.statuses import LABELS, Language, Status

from operations.dataset.contents.counts import MERGED

Kind = Literal["string", "uuid", "integer", "number", "boolean", "datetime"]
_LANGUAGES: tuple[Language, ...] = ("pl", "en", "uk", "de", "cs")
_MERGED_NAMES: dict[Language, str] = {
    "pl": "Połączone z innym zgłoszeniem",
    "en": "Merged into another report",
    "uk": "Об'єднано з іншим повідомленням",
    "de": "Mit einer anderen Meldung zusammengelegt",
    "cs": "Sloučeno s jiným hlášením",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `refers` names the table whose `code` it has."""

    name: str
    kind: Kind
    means: str
    required: bool = True
    refers: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table by name; `key`: the columns by which its rows are told apart, where there are such."""

    name: str
    title: str
    means: str
    columns: Sequence[Column]
    key: Sequence[str] = ()


_PLACES = (
    Column("garrison", "string", "Code of the regional command, like OPO"),
    Column("unit", "string", "Code of the police unit that answers, like KMP-1661"),
    Column("unit_name", "string", "Its name in Polish"),
)
REPORTS = Table(
    "reports",
    "Reports on the map",
    "Every report that the map showed in the instant the month ended, whenever it was sent.",
    (
        Column("report_id", "uuid", "The report, the same id on the map, in the API and on the topic"),
        Column(
            "version",
            "integer",
            "How many changes its case had by then; of an imported one, how often it was changed there",
        ),
        Column("category", "string", "What was reported", refers="categories"),
        Column("status", "string", "How the case stood", refers="statuses"),
        Column("longitude", "number", "WGS 84, degrees east; as exact as the category's precision_m"),
        Column("latitude", "number", "WGS 84, degrees north; as exact as the category's precision_m"),
        Column("submitted_at", "datetime", "When it was sent, UTC, to the hour"),
        Column("changed_at", "datetime", "When its case last changed, UTC, to the hour"),
        *_PLACES,
        Column("supporters", "integer", "How many said “me too”"),
        Column("imported", "boolean", "true: another system's report, kept as history; nobody here works on it"),
    ),
    ("report_id",),
)
COUNTS = Table(
    "counts",
    "Reports sent in the month",
    "How many reports were sent in the month, by unit, category and how they stood when it ended: those the map showed,"
    " and those it did not.",
    (
        Column("month", "string", "The month, UTC, like 2026-10"),
        Column("level", "string", "What the row is of: unit; garrison, units of it that are too small to be told by"
               " themselves, put together; country, likewise of several garrisons"),
        *(Column(each.name, each.kind, each.means, required=False) for each in _PLACES),
        Column("category", "string", "What was reported", refers="categories"),
        Column("status", "string", "How the case stood", refers="statuses"),
        Column("shown", "integer", "How many of them are rows of the table reports: exact"),
        Column("not_shown", "integer", "How many more the map did not show, rounded down to tens; empty: fewer than"
               " ten, none, or counted in the row of the garrison or the country", required=False),
    ),
)  # fmt: skip
_NAMES = tuple(Column(f"name_{language}", "string", f"Its name, language {language}") for language in _LANGUAGES)
CATEGORIES = Table(
    "categories",
    "Categories",
    "What can be reported.",
    (
        Column("code", "string", "As other tables have it"),
        *_NAMES,
        Column("shown", "string", "When the map shows its reports: always; confirmed, once confirmed; never"),
        Column(
            "precision_m", "integer", "Edge in metres of the grid cell whose centre is shown as the place; 0: exact"
        ),
    ),
    ("code",),
)
STATUSES = Table(
    "statuses",
    "Statuses",
    "How a case can stand; merged: another report goes on for it.",
    (Column("code", "string", "As other tables have it"), *_NAMES),
    ("code",),
)
TABLES = (REPORTS, COUNTS, CATEGORIES, STATUSES)


def category_rows() -> list[dict[str, Any]]:
    """Every category there ever was, in its newest words."""
    known = {each.code: each for catalogue in catalogues() for each in catalogue.category}
    return [
        {"code": code, "shown": each.public, "precision_m": each.precision_m, **_names(each.name)}
        for code, each in sorted(known.items())
    ]


def status_rows() -> list[dict[str, Any]]:
    """The statuses in the order of a case's life, and what is none."""
    labels: dict[str, dict[Language, str]] = {status.value: LABELS[status] for status in Status}
    return [{"code": code, **_names(names.__getitem__)} for code, names in (labels | {MERGED: _MERGED_NAMES}).items()]


def write_csv(table: Table, rows: Iterable[Mapping[str, Any]], file: Path) -> int:
    """Write rows as RFC 4180 has it, UTF-8, decimal points, times in UTC; returns how many there were."""
    count = 0
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([column.name for column in table.columns])
        for row in rows:
            writer.writerow([_cell(row[column.name]) for column in table.columns])
            count += 1
    return count


def _cell(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case bool():
            return "true" if value else "false"
        case _:
            return value


def _names(name: Any) -> dict[str, str]:
    return {f"name_{language}": name(language) for language in _LANGUAGES}
