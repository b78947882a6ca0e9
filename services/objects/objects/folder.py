"""Objects as files of a folder."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from secrets import token_hex

from objects.outages import Unavailable

_AT_A_TIME = 1000
_UNFINISHED = ".new"


class Folder:
    """A file an object, in folders by the beginning of the names. The folder is made when the first object comes."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, name: str, data: bytes) -> None:
        """See Objects: beside its place first, so that nobody reads the half of it, and a full disk leaves nothing."""
        place = self._place(name)
        beside = place.with_name(f"{token_hex(8)}{_UNFINISHED}")
        with _unavailable():
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                with beside.open("xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(place)
            finally:
                beside.unlink(missing_ok=True)
            _sync(place.parent)

    def get(self, name: str) -> bytes | None:
        """See Objects."""
        with _unavailable(), suppress(FileNotFoundError, NotADirectoryError):
            return self._place(name).read_bytes()
        return None

    def delete(self, names: Sequence[str]) -> None:
        """See Objects."""
        with _unavailable():
            for name in names:
                with suppress(FileNotFoundError, NotADirectoryError):
                    self._place(name).unlink()

    def names(self, before: datetime) -> Iterator[Sequence[str]]:
        """See Objects. What a crash left unfinished is gone after that."""
        with _unavailable():
            old = (path for path in self._root.glob("*/*") if path.stat().st_mtime < before.timestamp())
            while some := list(islice(old, _AT_A_TIME)):
                for path in some:
                    if path.suffix == _UNFINISHED:
                        path.unlink(missing_ok=True)
                yield [path.name for path in some if path.suffix != _UNFINISHED]

    def _place(self, name: str) -> Path:
        return self._root / name[:2] / name


@contextmanager
def _unavailable() -> Iterator[None]:
    """A full disk, a folder that is not there or not ours: somebody has to see to it, and then it goes on."""
    try:
        yield
    except OSError as failed:
        raise Unavailable(os.strerror(failed.errno or 0)) from failed


def _sync(folder: Path) -> None:
    """Have the folder itself on the disk, with the name that came into it."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
