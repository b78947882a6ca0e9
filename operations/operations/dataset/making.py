"""Makes a dataset: what the log says of every case, the tables of it, and what describes them."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec
from contracts.events.public import PublicReport
from public_map.domain.precision import State

from operations.dataset.contents.counts import Tally
from operations.dataset.contents.parquet import write_parquet
from operations.dataset.contents.snapshot import Standings
from operations.dataset.contents.tables import (
    CATEGORIES,
    COUNTS,
    REPORTS,
    STATUSES,
    TABLES,
    Table,
    category_rows,
    status_rows,
    write_csv,
)
from operations.dataset.folder import sha256_of
from operations.dataset.metadata import about
from operations.dataset.metadata.about import DataFile, Dataset
from operations.dataset.metadata.catalogue import dcat
from operations.dataset.metadata.codebook import codebook
from operations.dataset.metadata.package import data_package
from operations.dataset.months import Month

_AS_PARQUET = (REPORTS, COUNTS)


@dataclass(slots=True)
class Contents:
    """What stands in the dataset of a month."""

    month: Month
    reports: list[PublicReport] = field(default_factory=list)
    counts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rows(self) -> Mapping[str, Iterable[Mapping[str, Any]]]:
        """The rows of each table, by its name."""
        return {
            REPORTS.name: map(msgspec.structs.asdict, self.reports),
            COUNTS.name: self.counts,
            CATEGORIES.name: category_rows(),
            STATUSES.name: status_rows(),
        }


def contents(month: Month, partitions: Iterable[Iterable[State]]) -> Contents:
    """The dataset of all changes of cases and all that was imported, in any order, all of each report in one part."""
    made, tally = Contents(month), Tally(month)
    for changes in partitions:
        standings = Standings(month.ends)
        for change in changes:
            standings.add(change)
        for report in standings.told():
            tally.add(report)
            if report.shown:
                made.reports.append(report.shown)
    made.reports.sort(key=attrgetter("report_id"))
    made.counts = list(tally.rows())
    return made


def writer(made: Contents, url: str, parquet: bool) -> Callable[[Path], None]:
    """What writes it, with all that describes it, into an empty folder; `url` is where that will be published."""

    def write(folder: Path) -> None:
        files, rows = [], {}
        for table in TABLES:
            plain = folder / f"{table.name}.csv"
            rows[table.name] = write_csv(table, made.rows[table.name], plain)
            files.append(_written(table, plain, about.CSV))
            if parquet and table in _AS_PARQUET:
                write_parquet(table, plain, plain.with_suffix(".parquet"))
                files.append(_written(table, plain.with_suffix(".parquet"), about.PARQUET))
        dataset = Dataset(made.month, url, files, rows)
        texts = {
            about.PACKAGE: _json(data_package(dataset)),
            about.CATALOGUE: _json(dcat(dataset)),
            about.CODEBOOK: codebook(dataset),
            about.LICENCE_FILE: about.LICENCE_TEXT,
        }
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")

    return write


def _written(table: Table, file: Path, media_type: str) -> DataFile:
    return DataFile(file.name, table, media_type, file.stat().st_size, sha256_of(file))


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
