"""Reads files of address points; what is wrong in one is said with the line it stands on."""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from deploy.gazetteer import Address
from deploy.stack.process import StackError

from operations.gazetteer.gml import MalformedGml, read_gml

COLUMNS = (
    "wojewodztwo", "powiat", "gmina", "miejscowosc", "ulica", "numer_porzadkowy", "dlugosc_geograficzna",
    "szerokosc_geograficzna",
)  # fmt: skip
"""The columns a table must have, in any order beside any others; `ulica` may be empty. Positions in WGS 84 degrees."""
# Poland with its sea, and some kilometres of the neighbours.
_BOX = (14.0, 48.9, 24.3, 55.0)
_LONGEST = 200


class Refused(StackError):
    """A file that can't be used; nothing was changed."""


def read_addresses(files: Iterable[Path]) -> Iterator[Address]:
    """The addresses of files, GML of the register or CSV, gzipped or not. Raises Refused naming file and line."""
    for file in files:
        count = 0
        for line, address in _read(file):
            _check(file, line, address)
            count += 1
            yield address
        if not count:
            raise Refused(f"{file}: no address points in it")


def sha256_of(files: Iterable[Path]) -> str:
    """The hash of files' contents, in their order. Raises OSError."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _read(file: Path) -> Iterator[tuple[int, Address]]:
    with _opened(file) as stream:
        beginning = stream.peek(512).lstrip(b"\xef\xbb\xbf \t\r\n") if isinstance(stream, io.BufferedReader) else b""
        try:
            yield from read_gml(stream) if beginning.startswith(b"<") else _read_table(file, stream)
        except MalformedGml as wrong:
            raise Refused(f"{file}:{wrong.line}: {wrong.detail}") from wrong
        except (UnicodeDecodeError, gzip.BadGzipFile, EOFError, csv.Error) as wrong:
            raise Refused(f"{file}: can't be read: {wrong}") from wrong


def _opened(file: Path) -> IO[bytes]:
    if file.suffix == ".gz":
        return io.BufferedReader(gzip.open(file))
    return file.open("rb")


def _read_table(file: Path, stream: IO[bytes]) -> Iterator[tuple[int, Address]]:
    with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        yield from _rows(file, text)


def _rows(file: Path, text: IO[str]) -> Iterator[tuple[int, Address]]:
    head = text.readline()
    delimiter = ";" if ";" in head else ","
    names = next(csv.reader([head], delimiter=delimiter), [])
    if missing := [name for name in COLUMNS if name not in names]:
        raise Refused(f"{file}:1: neither GML nor a table: there is no column {', '.join(missing)}")
    positions = [names.index(name) for name in COLUMNS]
    rows = csv.reader(text, delimiter=delimiter)
    for row in rows:
        line = rows.line_num + 1
        if len(row) != len(names):
            raise Refused(f"{file}:{line}: {len(row)} columns, not {len(names)}")
        *texts, east, north = (row[position].strip() for position in positions)
        try:
            longitude, latitude = float(east), float(north)
        except ValueError:
            raise Refused(f"{file}:{line}: {COLUMNS[-2]}, {COLUMNS[-1]}: give degrees, like 17.925") from None
        voivodeship, powiat, gmina, locality, street, number = texts
        yield line, Address(voivodeship, powiat, gmina, locality, street or None, number, longitude, latitude)


def _check(file: Path, line: int, address: Address) -> None:
    named = {
        "voivodeship": address.voivodeship, "powiat": address.powiat, "gmina": address.gmina,
        "town or village": address.locality, "number": address.number,
    }  # fmt: skip
    for what, text in {**named, "street": address.street or "-"}.items():
        if not text:
            raise Refused(f"{file}:{line}: an address without a {what}")
        if len(text) > _LONGEST or not text.isprintable():
            raise Refused(f"{file}:{line}: {what}: at most {_LONGEST} printable characters")
    west, south, east, north = _BOX
    if not (west <= address.longitude <= east and south <= address.latitude <= north):
        raise Refused(f"{file}:{line}: {address.longitude} {address.latitude} lies outside Poland")
