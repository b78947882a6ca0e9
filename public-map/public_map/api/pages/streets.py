"""Streets beneath the reports, where an operator has some: a PMTiles file, its address, or an address of tiles."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

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
    def origin_of(self) -> str | None:
        """The address whose origin the page has to be allowed; None where it is our own."""
        return None if self.file else self.address


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
