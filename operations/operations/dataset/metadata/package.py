"""`datapackage.json`: the dataset for programs, as Data Package (datapackage.org), version 2."""

from typing import Any

from operations.dataset.contents.tables import Column, Table
from operations.dataset.metadata import about
from operations.dataset.metadata.about import DataFile, Dataset

_PROFILE = "https://datapackage.org/profiles/2.0"
_TYPES: dict[str, dict[str, str]] = {"uuid": {"type": "string", "format": "uuid"}}


def data_package(dataset: Dataset) -> dict[str, Any]:
    """The document."""
    return {
        "$schema": f"{_PROFILE}/datapackage.json",
        "name": f"kmzb-{dataset.month}",
        "id": dataset.url,
        "title": dataset.title,
        "description": f"What the map showed when {dataset.month} ended, and how many reports were sent in it, also of"
        f" those it did not show. {about.CODEBOOK} explains every column. {about.NOT_FOR_EMERGENCIES}",
        "version": str(dataset.month),
        "homepage": dataset.url,
        "licenses": [{"name": about.LICENCE, "title": about.LICENCE_TITLE, "path": about.LICENCE_PAGE}],
        "contributors": [{"title": about.PUBLISHER, "path": about.PUBLISHER_PAGE, "roles": ["publisher"]}],
        "resources": [_resource(file) for file in dataset.files],
    }


def _resource(file: DataFile) -> dict[str, Any]:
    described = {
        "path": file.name,
        "title": file.table.title,
        "description": file.table.means,
        "mediatype": file.media_type,
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
    }
    if file.media_type != about.CSV:  # the same table, to be read as it describes itself
        return {"name": f"{file.table.name}-parquet", **described, "format": "parquet"}
    table = {"format": "csv", "encoding": "utf-8", "schema": _schema(file.table)}
    return {"name": file.table.name, "type": "table", **described, **table}


def _schema(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "$schema": f"{_PROFILE}/tableschema.json",
        "fields": [_field(column) for column in table.columns],
        "missingValues": [""],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    refers = [column for column in table.columns if column.refers]
    if refers:
        schema["foreignKeys"] = [
            {"fields": [column.name], "reference": {"resource": column.refers, "fields": ["code"]}} for column in refers
        ]
    return schema


def _field(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        **_TYPES.get(column.kind, {"type": column.kind}),
        "description": column.means,
        "constraints": {"required": column.required},
    }
