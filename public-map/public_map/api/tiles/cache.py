"""Tiles that were drawn, kept in this process until a transaction changes something in them.

Every instance has its own and none has to agree with another: what a tile has in it is judged by the database alone.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from public_map.domain.reading.tiles import COUNTED_TO, Tile

NOTED_ZOOM = COUNTED_TO
"""The zoom by whose tiles changes are noted in the database."""
_OVERHEAD = 500  # bytes of an entry beside its body, about


@dataclass(frozen=True, slots=True)
class KeptTile:
    """A tile as it is sent: its body compressed by gzip, empty where nothing lies in it.

    What transactions before `complete_before` wrote is in it.
    """

    body: bytes
    etag: str
    complete_before: int


class TileCache:
    """At most `most_bytes` of tiles, those asked for longest ago leave first. For one thread at a time."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes, self._bytes = most_bytes, 0
        self._kept: OrderedDict[Hashable, KeptTile] = OrderedDict()
        # Of each tile up to the noted zoom the last transaction that changed something in it.
        self._changed_by: dict[tuple[int, int, int], int] = {}
        self.changes_from = 0
        """The transaction to ask for changes from."""

    def note_changes(self, changed: Mapping[tuple[int, int], int], following: int) -> None:
        """Learn which tiles of the noted zoom changed, by which transaction; `following`: ask from there next time."""
        for (x, y), by in changed.items():
            for zoom in range(NOTED_ZOOM + 1):
                key = (zoom, x >> (NOTED_ZOOM - zoom), y >> (NOTED_ZOOM - zoom))
                self._changed_by[key] = max(by, self._changed_by.get(key, 0))
        self.changes_from = following

    def find(self, tile: Tile, wanted: Hashable) -> KeptTile | None:
        """The tile, if it was kept and nothing in it has changed that is known of."""
        key = (tile, wanted)
        kept = self._kept.get(key)
        if kept is None:
            return None
        if self._changed_by.get(_noted(tile), 0) >= kept.complete_before:
            self._remove(key)
            return None
        self._kept.move_to_end(key)
        return kept

    def keep(self, tile: Tile, wanted: Hashable, made: KeptTile) -> None:
        """Keep it for the next who asks."""
        key = (tile, wanted)
        self._remove(key)
        self._kept[key] = made
        self._bytes += len(made.body) + _OVERHEAD
        while self._bytes > self._most_bytes and self._kept:
            self._remove(next(iter(self._kept)))

    def _remove(self, key: Hashable) -> None:
        if gone := self._kept.pop(key, None):
            self._bytes -= len(gone.body) + _OVERHEAD


def _noted(tile: Tile) -> tuple[int, int, int]:
    """The tile of the noted zoom it lies in, or itself."""
    above = max(0, tile.z - NOTED_ZOOM)
    return tile.z - above, tile.x >> above, tile.y >> above
