"""What a backup consists of, and whether a folder is a whole one, of this system, that this release can read."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
from chassis.postgres import migrations
from chassis.settings import Settings
from contracts import RELEASE
from contracts.policy.regions import NATIONAL
from deploy.private_files import write_private
from deploy.stack.databases import DATABASES, of_instance
from deploy.stack.process import StackError
from deploy.suggestions import no_such

FORMAT = 2
MANIFEST, PHOTOS, KEYS = "manifest.json", "photos", "keys.env"
STORES = tuple(database.service for database in DATABASES)
"""The services that keep something; a backup is of those of one instance."""
_PIECE = 1024 * 1024

Places = Mapping[tuple[str, int], int]
"""Offsets by topic, as the registry names it, and partition."""


class Place(msgspec.Struct, frozen=True):
    """An offset of a partition: of what a service read the next it had not handled, else where the next was written."""

    topic: str
    partition: int
    offset: int


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """The copy of one service's database. `read`: how far it had read, noted before the copy was begun."""

    service: str
    file: str
    size: int
    sha256: str
    migrations: tuple[str, ...]
    read: tuple[Place, ...]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a backup. Written last: a folder without it is no whole one.

    `instance` is whose databases these are, `cluster` the Kafka whose offsets, `ends` where its topics ended before any
    copy was begun. `keys` are the names of those that stand in the folder, too.
    """

    format: int = FORMAT
    release: str = RELEASE
    cluster: str
    namespace: str
    instance: str = NATIONAL
    taken_at: datetime
    ends: tuple[Place, ...]
    stores: tuple[Store, ...]
    photos: int
    keys: tuple[str, ...]

    def store(self, service: str) -> Store:
        """The copy of a service's database. Raises StackError where there is none."""
        for store in self.stores:
            if store.service == service:
                return store
        raise StackError(no_such("copy of ", service, [store.service for store in self.stores]))


def places(of: Iterable[Place]) -> Places:
    """The same by topic and partition."""
    return {(place.topic, place.partition): place.offset for place in of}


def require_new(folder: Path) -> None:
    """Raises StackError unless a backup can be written there."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StackError(f"{folder} is there already: name a new folder, a backup is never written over another")


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Say that the folder is a whole backup."""
    write_private(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)).decode())


def read_manifest(folder: Path) -> Manifest:
    """What stands in a folder. Raises StackError for one that is no whole backup, or that a newer release wrote."""
    try:
        text = (folder / MANIFEST).read_bytes()
    except OSError as missing:
        raise StackError(f"{folder} is no backup, or one that was not finished: it has no {MANIFEST}") from missing
    try:
        known = msgspec.json.decode(text)
        if isinstance(known, dict) and isinstance(known.get("format"), int) and known["format"] > FORMAT:
            raise StackError(f"{folder} was written by a newer kmzb (release {known.get('release')}): take that one")
        return msgspec.json.decode(text, type=Manifest)
    except msgspec.MsgspecError as damaged:
        raise StackError(f"{folder / MANIFEST} is damaged: {damaged}") from damaged


def require_usable(folder: Path, manifest: Manifest, services: Iterable[str], cluster: str, settings: Settings) -> None:
    """Raises StackError naming everything for which these services can't be restored from it here."""
    found = [*_foreign(manifest, cluster, settings)]
    for service in services if not found else ():
        found += _faults(folder, manifest.store(service))
    if found:
        raise StackError(f"{folder} can't be restored here, and nothing was changed: {'; '.join(found)}")


def sha256_of(file: Path) -> str:
    """The SHA-256 of what a file holds, in hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while piece := content.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def migrations_of(service: str) -> dict[str, str]:
    """The migrations this release knows of a service's database: SHA-256 by name."""
    return {name: digest for name, _, digest in migrations(service.replace("-", "_"))}


def stores_of(instance: str) -> tuple[str, ...]:
    """The services of an instance that keep something."""
    return tuple(database.service for database in of_instance(instance))


def _foreign(manifest: Manifest, cluster: str, settings: Settings) -> Iterator[str]:
    if manifest.cluster != cluster:
        yield (
            f"it is of the system on Kafka cluster {manifest.cluster}, this one is {cluster}: what it says of offsets"
            " means nothing here"
        )
    elif manifest.namespace != settings.namespace:
        yield f"it is of the namespace {manifest.namespace!r}, this one is {settings.namespace!r}"
    elif manifest.instance != settings.instance:
        yield f"it is of the instance {manifest.instance}, and KMZB_INSTANCE says {settings.instance}"


def _faults(folder: Path, store: Store) -> Iterator[str]:
    if newer := [name for name in store.migrations if name not in migrations_of(store.service)]:
        yield f"{store.service} was of a newer release ({newer[0]} is not known here): take that one's kmzb"
    file = folder / store.file
    if not file.exists():
        yield f"{store.file} is missing"
    elif file.stat().st_size != store.size or sha256_of(file) != store.sha256:
        yield f"{store.file} is not as it was written"
