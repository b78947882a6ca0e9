"""Agencies from a file: TOML as the table a system begins with, or CSV as a spreadsheet writes it."""

import csv
import tomllib
from pathlib import Path
from typing import Any

from boundaries.areas import administrative, warsaw
from contracts.agencies import FIELDS

from operations.agencies.plan import Refused

_LISTS = ("categories", "areas")


def read_rows(file: Path) -> list[dict[str, Any]]:
    """The rows of a file, one an agency. Raises OSError, and Refused for what is no table."""
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix.lower() == ".csv":
        return _read_csv(text)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise Refused([f"{file}: neither .csv nor TOML: {wrong}"]) from wrong
    rows = table.get("agency")
    if not isinstance(rows, list) or not rows or set(table) != {"agency"}:
        raise Refused([f"{file}: write an [[agency]] for each, and nothing else"])
    return rows


def _read_csv(text: str) -> list[dict[str, Any]]:
    """Columns named as the fields; several categories or areas in one cell stand with spaces between them."""
    lines = text.splitlines()
    dialect: type[csv.Dialect] = csv.excel
    if lines and ";" in lines[0]:  # as a spreadsheet in Poland writes it
        dialect = type("Semicolons", (csv.excel,), {"delimiter": ";"})
    rows = []
    for number, cells in enumerate(csv.DictReader(lines, dialect=dialect), start=2):
        if None in cells or None in cells.values():
            raise Refused([f"line {number}: has not as many columns as the first line"])
        rows.append({name: _value(name, cell.strip()) for name, cell in cells.items() if cell.strip()})
    if not rows:
        raise Refused([f"there is no agency; the first line names the columns: {', '.join(FIELDS)}"])
    return rows


def _value(name: str, cell: str) -> Any:
    if name in _LISTS:
        return cell.split()
    return int(cell) if name == "acknowledge_days" and cell.isdecimal() else cell


def teryt_codes() -> frozenset[str]:
    """The codes of all voivodeships, powiats and gminas, Warsaw's districts among them."""
    gminas = {*administrative.gminas(), *(district.teryt for district in warsaw.districts())}
    return frozenset({code[:length] for code in gminas for length in (2, 4, 6)})
