"""What a store of objects can do, and which one the settings name."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from objects.folder import Folder
from objects.s3 import Bucket
from objects.settings import ObjectSettings

NAME = re.compile(r"[0-9a-z][0-9a-z-]{1,199}")
"""What an object may be called: nothing that could lead out of a folder, and more than one character."""


class Objects(Protocol):
    """Objects by name, each written whole or not at all. Whatever fails for a while raises `Unavailable`."""

    def put(self, name: str, data: bytes) -> None:
        """Keep an object; it is on the disk when this returns. What has the name already is written again."""

    def get(self, name: str) -> bytes | None:
        """What an object holds; None where there is none of that name."""

    def delete(self, names: Sequence[str]) -> None:
        """Forget objects, if there are any of these names."""

    def names(self, before: datetime) -> Iterator[Sequence[str]]:
        """The names of all that were last put before an instant, some at a time."""


class Named:
    """Objects behind a check of their names: what comes from elsewhere must not lead anywhere else."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def put(self, name: str, data: bytes) -> None:
        """See Objects. Raises ValueError for what is no name."""
        if not NAME.fullmatch(name):
            raise ValueError("no name for an object")
        self._objects.put(name, data)

    def get(self, name: str) -> bytes | None:
        """See Objects. What is no name names nothing."""
        return self._objects.get(name) if NAME.fullmatch(name) else None

    def delete(self, names: Sequence[str]) -> None:
        """See Objects. What is no name names nothing."""
        if named := [name for name in names if NAME.fullmatch(name)]:
            self._objects.delete(named)

    def names(self, before: datetime) -> Iterator[Sequence[str]]:
        """See Objects. What lies there under another kind of name is not ours."""
        for some in self._objects.names(before):
            yield [name for name in some if NAME.fullmatch(name)]


def storage(settings: ObjectSettings) -> Objects:
    """The store the settings name. Nobody is asked yet."""
    url = settings.objects_url
    return Named(Bucket(settings) if url.scheme == "s3" else Folder(settings.folder))
