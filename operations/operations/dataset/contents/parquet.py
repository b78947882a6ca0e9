"""The same tables as Parquet, made of the CSV that was just written: so both say the same."""

from pathlib import Path

from operations.dataset.contents.tables import Kind, Table

_TYPES: dict[Kind, str] = {
    "string": "varchar",
    "uuid": "uuid",
    "integer": "integer",
    "number": "double",
    "boolean": "boolean",
    "datetime": "timestamptz",
}
# One thread, so that rows and row groups lie the same way each time; nothing is looked for on the network.
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def write_parquet(table: Table, csv_file: Path, file: Path) -> None:
    """Write a table. Raises ImportError where duckdb is not installed."""
    import duckdb  # an extra: 25 MB that only who publishes datasets needs

    columns = {column.name: _TYPES[column.kind] for column in table.columns}
    with duckdb.connect(config=_SETTINGS) as connection:
        source = connection.read_csv(
            str(csv_file), header=True, columns=columns, auto_detect=False, delimiter=",", quotechar='"', escapechar='"'
        )
        source.write_parquet(str(file), compression="zstd")
