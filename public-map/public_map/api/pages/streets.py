"""Streets beneath the reports, where an operator has some: a PMTiles file, its address, or an address of tiles."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from web.design.files import file_response

STREETS_PATH = "/streets.pmtiles"
"""Where a file of the operator's is served."""


@dataclass(frozen=True, slots=True)
class Streets:
    """What the page draws streets from; `file` is served by ourselves."""

    kind: Literal["pmtiles", "vector", "raster"]
    address: str
    attribution: str
    file: Path | None = None

    def described(self) -> dict[str, str]:
        """As the page's scripts read it."""
        return {"kind": self.kind, "address": self.address, "attribution": self.attribution}

    @property
    def elsewhere(self) -> list[str]:
        """The address whose origin a page has to be allowed; none where it is our own."""
        return [] if self.file else [self.address]


def streets(setting: str, attribution: str) -> Streets | None:
    """What the setting names: a file or address ending in .pmtiles, or an address with {z}, {x} and {y}.

    Raises ValueError naming what is wrong with it.
    """
    if not setting:
        return None
    elsewhere = setting.startswith(("https://", "http://"))
    path = setting.partition("?")[0]
    if all(part in setting for part in ("{z}", "{x}", "{y}")):
        if not elsewhere:
            raise ValueError(f"{setting!r}: tiles have an address that begins with https://")
        return Streets("vector" if path.endswith((".mvt", ".pbf")) else "raster", setting, attribution)
    if not path.endswith(".pmtiles"):
        raise ValueError(f"{setting!r}: neither a .pmtiles file or address nor an address with {{z}}, {{x}} and {{y}}")
    if elsewhere:
        return Streets("pmtiles", setting, attribution)
    file = Path(setting)
    if not file.is_file():
        raise ValueError(f"{setting!r}: there is no such file")
    return Streets("pmtiles", STREETS_PATH, attribution, file)


def street_routes(beneath: Streets | None) -> APIRouter:
    """The operator's file, if the streets are one: read in parts, as what is in it is too large to be read whole."""
    routes = APIRouter(tags=["pages"])
    if beneath and beneath.file:
        file, found = beneath.file, beneath.file.stat()
        etag = f'"{found.st_size:x}-{found.st_mtime_ns:x}"'

        @routes.get(STREETS_PATH, summary="Streets as PMTiles, in ranges", response_class=Response)
        def part(request: Request) -> Response:
            headers = {"Cache-Control": "public, max-age=86400"}
            return file_response(request.scope, file, "application/vnd.pmtiles", etag, headers)

    return routes
