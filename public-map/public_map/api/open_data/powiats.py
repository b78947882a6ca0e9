"""Powiats as ground: the districts whose TERYT code begins with the powiat's, put together."""

from typing import Any

import shapely
from districts.index import Index
from web.problems import Problem

from public_map.api.queries import invalid_parameter
from public_map.districts import Districts

_DIGITS = 4


class Powiats:
    """Those of the districts that answer now, put together once for each set of them."""

    def __init__(self, districts: Districts) -> None:
        self._districts = districts
        self._of: Index | None = None
        self._areas: dict[str, bytes] = {}

    def area(self, code: str) -> bytes:
        """The ground of a powiat as WKB in WGS 84 degrees. Raises Problem 422 for none, 503 before they are read."""
        index = self._districts.index
        if index is not self._of:
            self._of, self._areas = index, {}
        if code not in self._areas:
            shapes = [leaf.shape for leaf in index.leaves if leaf.teryt and leaf.teryt[:_DIGITS] == code]
            if not shapes:
                raise _nothing(index, code)
            self._areas[code] = _ground(shapes)
        return self._areas[code]


def _ground(shapes: list[Any]) -> bytes:
    written: bytes = shapely.to_wkb(shapely.union_all(shapes))
    return written


def _nothing(index: Index, code: str) -> Problem:
    if not index.complete:
        return Problem(503, "Not yet known", "The districts are still being read. Try again in a minute.")
    return invalid_parameter("powiat", f"no powiat has the code {code}; it is the first four digits of TERYT")
