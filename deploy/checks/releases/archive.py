"""The sources of the release before this one, in one file: what an upgrade is judged against, and tried with.

It is committed, because a checkout may be shallow and have no tags. In it are the services and what sets them up; what
is large and drawn by browsers alone is taken from the checkout that unpacks it.
"""

import lzma
import re
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

FOLDER = Path("deploy/releases")
_KEPT = (
    "services", "intake", "routing", "casework", "sla-monitor", "notifier", "public-map", "deploy/deploy",
    "deploy/pyproject.toml", "deploy/helm/kmzb/files", ":(exclude)*.pmtiles",
)  # fmt: skip
_LENT = ("services/web/web/design/static/vendor", "services/web/web/design/static/map/poland.pmtiles")
_RELEASE = "services/contracts/contracts/__init__.py"
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Archive:
    """One release's sources; `version` is that of its contracts, by which the file is named."""

    file: Path

    @property
    def version(self) -> str:
        return self.file.name.removesuffix(".tar.xz")

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """Its programs, migrations and registry by their paths."""
        with tarfile.open(self.file) as tar:
            wanted = [each for each in tar if each.isfile() and each.name.endswith((".py", ".sql", ".json"))]
            read = {each.name: tar.extractfile(each) for each in wanted}
            return {name: file.read().decode() for name, file in read.items() if file}

    def unpack(self, folder: Path, checkout: Path) -> list[Path]:
        """Put it into a folder, with what a checkout lends; gives where Python finds its packages."""
        with tarfile.open(self.file) as tar:
            # An older 3.11 knows no filters; the archive is our own.
            tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            tar.extractall(folder)
        for path in _LENT:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).symlink_to((checkout / path).resolve())
        return sorted(file.parent for file in folder.rglob("pyproject.toml"))


def kept(root: Path) -> Archive | None:
    """The archive of the release before; None where none is kept."""
    [*files] = (root / FOLDER).glob("*.tar.xz")
    return Archive(max(files, key=_order)) if files else None


def keep(root: Path, commit: str) -> Archive:
    """Keep a commit as the release before, instead of the one that was. Raises ValueError where it can't be one."""
    found = re.search(r'^RELEASE = "(\d+\.\d+\.\d+)"$', _git(root, "show", f"{commit}:{_RELEASE}").decode(), re.M)
    if not found:
        raise ValueError(f"{commit}: {_RELEASE} says no RELEASE")
    packed = lzma.compress(_git(root, "archive", "--format=tar", commit, "--", *_KEPT), preset=9 | lzma.PRESET_EXTREME)
    if len(packed) > 1.5 * _MEGABYTE:
        raise ValueError(f"{commit}: {len(packed) / _MEGABYTE:.1f} MB; leave out what an upgrade is not tried with")
    with tarfile.open(fileobj=BytesIO(packed)) as tar:
        if f"services/contracts/contracts/releases/{found[1]}.json" not in tar.getnames():
            raise ValueError(f"{commit}: its contracts are not kept: python -m contracts.schemas release {found[1]}")
    archive = Archive(root / FOLDER / f"{found[1]}.tar.xz")
    archive.file.parent.mkdir(parents=True, exist_ok=True)
    for before in archive.file.parent.glob("*.tar.xz"):
        before.unlink()
    archive.file.write_bytes(packed)
    return archive


def _order(file: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", file.name)]


def _git(root: Path, *arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr.decode().strip())
    return done.stdout
