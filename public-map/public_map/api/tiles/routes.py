"""The route of tiles: from those that are kept, else drawn anew."""

import asyncio
import gzip
import hashlib
from collections.abc import Hashable
from datetime import timedelta
from time import monotonic
from typing import Annotated

from chassis.postgres import Database
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from public_map.api.queries import FilterQuery, invalid_parameter, report_filter
from public_map.api.tiles.cache import KeptTile, TileCache
from public_map.domain.precision import to_the_hour
from public_map.domain.queries import ReportFilter
from public_map.domain.reading.tiles import Tile
from public_map.store.tiles import read_changed_tiles, read_tile

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
_LOOK_SECONDS = 0.25
"""How old the knowledge of changes may be that a kept tile is judged by."""
_LEVEL = 5  # of gzip: a third of the time of the highest, for some per cent more


class Tiles:
    """Draws tiles, and keeps what was drawn. Everything but the drawing is the event loop's."""

    def __init__(self, database: Database, cache: TileCache) -> None:
        self._database, self._cache = database, cache
        self._looked_at: float | None = None
        self._looking = asyncio.Lock()

    async def tile(self, tile: Tile, wanted: ReportFilter) -> KeptTile:
        """The tile as it is now, or was a quarter of a second ago."""
        await self._look()
        asked: Hashable = (wanted.categories, wanted.statuses, wanted.since and to_the_hour(wanted.since))
        found = self._cache.find(tile, asked)
        if found is None:
            found = await run_in_threadpool(self._draw, tile, wanted)
            self._cache.keep(tile, asked, found)
        return found

    async def _look(self) -> None:
        if self._is_fresh():
            return
        async with self._looking:
            if not self._is_fresh():
                at = monotonic()
                self._cache.note_changes(*await run_in_threadpool(self._read_changes))
                self._looked_at = at

    def _is_fresh(self) -> bool:
        return self._looked_at is not None and monotonic() - self._looked_at < _LOOK_SECONDS

    def _read_changes(self) -> tuple[dict[tuple[int, int], int], int]:
        with self._database.transaction() as connection:
            return read_changed_tiles(connection, self._cache.changes_from)

    def _draw(self, tile: Tile, wanted: ReportFilter) -> KeptTile:
        with self._database.transaction() as connection:
            drawn = read_tile(connection, tile, wanted)
        etag = f'W/"{hashlib.sha256(drawn.mvt).hexdigest()[:32]}"'
        body = gzip.compress(drawn.mvt, _LEVEL, mtime=0) if drawn.mvt else b""
        return KeptTile(body, etag, drawn.complete_before)


def tile_routes(database: Database, cache_for: timedelta, cache_bytes: int) -> APIRouter:
    """The route; caches may keep an answer for `cache_for`."""
    routes = APIRouter(tags=["map"])
    tiles = Tiles(database, TileCache(cache_bytes))
    cache_control = f"public, max-age={int(cache_for.total_seconds())}"

    @routes.get(
        "/v1/tiles/{z}/{x}/{y}.mvt",
        summary="A vector tile: layer `reports` from zoom 12 on, layer `clusters` below",
        response_class=Response,
        responses={
            200: {"content": {MEDIA_TYPE: {}}},
            204: {"description": "nothing lies in the tile"},
            304: {"description": "as before"},
        },
    )
    async def tile(z: int, x: int, y: int, query: Annotated[FilterQuery, Query()], request: Request) -> Response:
        """A report has id, status, category and supporters; a cluster, at the mean place of its reports, their
        number as `count`, and as many of each status under its name.
        """
        made = await tiles.tile(_tile(z, x, y), report_filter(query))
        headers = {"Cache-Control": cache_control, "Vary": "Accept-Encoding"}
        if not made.body:
            return Response(status_code=204, headers=headers)
        headers["ETag"] = made.etag
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(gzip.decompress(made.body), media_type=MEDIA_TYPE, headers=headers)
        return Response(made.body, media_type=MEDIA_TYPE, headers={**headers, "Content-Encoding": "gzip"})

    return routes


def _tile(z: int, x: int, y: int) -> Tile:
    try:
        return Tile(z, x, y)
    except ValueError as wrong:
        name, _, detail = str(wrong).partition(": ")
        raise invalid_parameter(name, detail) from None
