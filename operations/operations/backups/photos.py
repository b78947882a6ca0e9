"""Photos beside a backup: each once, by its name, and back again where one is missing."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from chassis import clock
from deploy.stack.process import StackError
from objects.settings import ObjectSettings
from objects.storage import Objects, storage

_AHEAD = timedelta(days=1)  # whatever is there


def store_of(addresses: Mapping[str, str]) -> Objects:
    """Where this system's photos are. Raises StackError for what the settings don't say rightly."""
    try:
        return storage(ObjectSettings.from_variables(addresses))
    except ValueError as wrong:
        raise StackError(str(wrong)) from wrong


def copy_out(objects: Objects, folder: Path) -> int:
    """Copy every photo into a folder; gives how many. One that is erased meanwhile is left out."""
    folder.mkdir(mode=0o700)
    count = 0
    for name in _names(objects):
        if (data := objects.get(name)) is not None:
            (folder / name).write_bytes(data)
            count += 1
    return count


def list_missing(objects: Objects, folder: Path) -> list[str]:
    """The photos of a backup that are not where they should be."""
    there = set(_names(objects))
    return sorted(file.name for file in folder.iterdir() if file.name not in there) if folder.exists() else []


def put_back(objects: Objects, folder: Path, names: list[str]) -> None:
    """Put photos back. Those whose words were erased after the backup, casework erases again as it reads that again."""
    for name in names:
        objects.put(name, (folder / name).read_bytes())


def _names(objects: Objects) -> Iterator[str]:
    for some in objects.names(clock.now() + _AHEAD):
        yield from some
