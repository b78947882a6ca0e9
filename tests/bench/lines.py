"""The lines there are, by the number they have in the issue's table, and what each is called."""

from dataclasses import dataclass
from importlib import import_module

from bench.stand.running import Line


@dataclass(frozen=True, slots=True)
class Entry:
    """A line: where it is measured, and what it is about in a few words."""

    module: str
    about: str

    @property
    def explained(self) -> str:
        """What is compared with what, and what the peer leaves out."""
        return import_module(f"bench.{self.module}").__doc__ or ""

    @property
    def measure(self) -> Line:
        """What measures it."""
        found: Line = import_module(f"bench.{self.module}").measure
        return found


LINES = {
    1: Entry("costs.intake", "an accepted report against a textbook FastAPI service"),
    2: Entry("costs.routing", "the routing hop against a bare hop"),
    3: Entry("costs.lookup", "the routing hop against a hop that asks PostGIS"),
    4: Entry("costs.stateful", "each stateful service against a binary COPY of its rows"),
    5: Entry("costs.pipeline", "the whole pipeline against the Signalen pattern"),
    6: Entry("rates.latency", "from the POST until the opened case can be read"),
    7: Entry("rates.sustained", "reports a second the machine takes for good"),
    8: Entry("scale.clocks", "millions of open clocks: bytes, arming, stopping, firing, lateness"),
    9: Entry("scale.tiles", "a tile of the map against a bare ST_AsMVT"),
    10: Entry("scale.rebuild", "stores built anew from their topics"),
    11: Entry("scale.growth", "cost and waits while cases pile up"),
    12: Entry("scale.memory", "memory of each service and of all of it"),
}


def chosen(words: str) -> list[int]:
    """The lines somebody names, by commas; all for an empty text. Raises ValueError for what is none."""
    numbers = [word.strip() for word in words.split(",") if word.strip()]
    if wrong := [number for number in numbers if not number.isdigit() or int(number) not in LINES]:
        raise ValueError(f"{', '.join(wrong)}: no such line; there are {', '.join(map(str, LINES))}")
    return [int(number) for number in numbers] or list(LINES)
