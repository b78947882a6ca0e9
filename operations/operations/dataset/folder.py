"""Where datasets lie: a folder a month, written aside and put in place whole, never changed without being told to."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

SUMS = "SHA256SUMS"
Outcome = Literal["made", "same", "differs", "replaced"]


def put(folder: Path, write: Callable[[Path], None], replace: bool) -> tuple[Outcome, list[str]]:
    """Have a new folder written, and put it where `folder` says; gives what came of it, and which files differ.

    What is there already stays unless it may be replaced. Raises OSError.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as aside:
        new = Path(aside) / folder.name
        new.mkdir()
        write(new)
        _write_sums(new)
        if not folder.exists():
            new.rename(folder)
            return "made", []
        differing = _differing(folder, new)
        if not differing:
            return "same", []
        if not replace:
            return "differs", differing
        folder.rename(Path(aside) / "before")
        new.rename(folder)
        return "replaced", differing


def sha256_of(file: Path) -> str:
    """The hash of a file's bytes. Raises OSError."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_sums(folder: Path) -> None:
    """As sha256sum writes and checks them."""
    lines = [f"{sha256_of(file)}  {file.name}\n" for file in sorted(folder.iterdir())]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _differing(one: Path, other: Path) -> list[str]:
    names = sorted({file.name for file in (*one.iterdir(), *other.iterdir())} - {SUMS})
    return [name for name in names if _digest(one / name) != _digest(other / name)]


def _digest(file: Path) -> str | None:
    return sha256_of(file) if file.is_file() else None
