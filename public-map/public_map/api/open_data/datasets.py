"""Datasets of months, as `kmzb dataset` left them in a folder: which there are, and their files."""

import re
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field
from web.design.files import file_response
from web.etags import entity_tags
from web.problems import Problem

BASE = "/data"
_MONTH = r"^20[0-9]{2}-[0-9]{2}$"
_SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._-]{0,63})")
_TYPES = {
    ".csv": "text/csv; charset=utf-8; header=present",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
}
# A month that is put in place of another hides something: nobody keeps the former one without asking.
_KEPT = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}

MonthName = Annotated[str, Path(pattern=_MONTH, description="year and month, like 2026-10")]
FileName = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="a file of the dataset")]


class DatasetFile(BaseModel):
    """A file of a dataset."""

    address: str
    size: int = Field(description="bytes")
    sha256: str


class Dataset(BaseModel):
    """What was published of a month."""

    month: str = Field(description="the month (UTC), like 2026-10")
    files: list[DatasetFile]


class Datasets(BaseModel):
    """The months that were published, the newest first."""

    datasets: list[Dataset]


def dataset_routes(folder: str, address: str) -> APIRouter:
    """The routes over the operator's folder, none if that is empty; `address` is the map's own."""
    routes, base = APIRouter(tags=["open data"]), FilePath(folder) if folder else None

    @routes.get(BASE, summary="Months of the map as files: what it showed, and counts of what it did not")
    def datasets() -> Datasets:
        months = sorted(base.glob("20??-??"), reverse=True) if base else []
        found = [_dataset(month, address) for month in months if re.fullmatch(_MONTH, month.name)]
        return Datasets(datasets=[each for each in found if each.files])

    @routes.get(f"{BASE}/{{month}}", summary="The files of a month")
    def dataset(month: MonthName) -> Dataset:
        found = _dataset(base / month, address) if base else None
        if found is None or not found.files:
            raise _unknown(address)
        return found

    @routes.get(
        f"{BASE}/{{month}}/{{name}}", summary="A file of a month", response_class=Response,
        responses={200: {"content": {kind.partition(";")[0]: {} for kind in _TYPES.values()}}},
    )  # fmt: skip
    def file(month: MonthName, name: FileName, request: Request) -> Response:
        """In ranges, if asked so. `If-None-Match` spares what is there already."""
        sums = _sums(base / month) if base else {}
        if base is None or name not in sums:
            raise _unknown(address)
        headers = {**_KEPT, "ETag": (etag := f'"{sums[name][:32]}"')}
        if _has(request, etag):
            return Response(status_code=304, headers=headers)
        kind = _TYPES.get(FilePath(name).suffix, "text/plain; charset=utf-8")
        return file_response(request.scope, base / month / name, kind, etag, headers)

    return routes


def _dataset(folder: FilePath, address: str) -> Dataset:
    files = [
        DatasetFile(address=f"{address}{BASE}/{folder.name}/{name}", size=(folder / name).stat().st_size, sha256=sha256)
        for name, sha256 in _sums(folder).items()
    ]
    return Dataset(month=folder.name, files=files)


def _unknown(address: str) -> Problem:
    return Problem(404, "Not Found", f"Nothing of that name is published; {address}{BASE} says what is.")


def _sums(folder: FilePath) -> Mapping[str, str]:
    """The files of a dataset, each with its hash: what is not named there is none."""
    try:
        text = (folder / _SUMS).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return {name: sha256 for sha256, name in _LINE.findall(text) if (folder / name).is_file()}


def _has(request: Request, etag: str) -> bool:
    try:
        return entity_tags(request.headers.get("if-none-match", '""')).has(etag)
    except ValueError:
        return False
