"""The register's address points (PRG, GUGiK) in GML by the model of 2012: `PRG_PunktAdresowy`, read as a stream.

Each names its place from the country down in `jednostkaAdmnistracyjna` (spelt so), then `miejscowosc`, `ulica`,
`numerPorzadkowy`, and its position in EPSG:2180, northing first, as that system has it. Names of elements are compared
without their namespace, which differs from year to year.
"""

from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from boundaries.areas import geo
from deploy.gazetteer import Address
from shapely import Point

_POINT = "PRG_PunktAdresowy"
_AREAS = ("jednostkaAdmnistracyjna", "jednostkaAdministracyjna")
_TEXTS = ("miejscowosc", "ulica", "numerPorzadkowy", "status", "pos", *_AREAS)
_CHUNK = 1 << 16
_AT_ONCE = 5_000
# Of points that are no houses yet, and of those that are gone: the register keeps them, too.
_EXISTING = ("", "istniejacy")
_COUNTRY = 1


class MalformedGml(Exception):
    """What is wrong with a file, and on which line."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(f"{line}: {detail}")
        self.line, self.detail = line, detail


def read_gml(stream: IO[bytes]) -> Iterator[tuple[int, Address]]:
    """The existing addresses of a file, each with the line its point begins on. Raises MalformedGml."""
    reader = _Reader()
    while chunk := stream.read(_CHUNK):
        reader.feed(chunk, last=False)
        if len(reader.points) >= _AT_ONCE:
            yield from _addresses(reader.taken())
    reader.feed(b"", last=True)
    yield from _addresses(reader.taken())


class _Reader:
    """Collects the texts of each point."""

    def __init__(self) -> None:
        self.points: list[tuple[int, dict[str, list[str]]]] = []
        self._point: dict[str, list[str]] | None = None
        self._line, self._text = 0, list[str]()
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse_types

    def feed(self, chunk: bytes, *, last: bool) -> None:
        """Read on. Raises MalformedGml."""
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as wrong:
            raise MalformedGml(wrong.lineno, expat.ErrorString(wrong.code)) from wrong

    def taken(self) -> list[tuple[int, dict[str, list[str]]]]:
        """The points that are complete; they are the reader's no longer."""
        points, self.points = self.points, []
        return points

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._text = []
        if name.rpartition(":")[2] == _POINT:
            self._point, self._line = {}, self._parser.CurrentLineNumber

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if self._point is None:
            return
        if local == _POINT:
            self.points.append((self._line, self._point))
            self._point = None
        elif local in _TEXTS:
            self._point.setdefault("area" if local in _AREAS else local, []).append("".join(self._text).strip())

    def _characters(self, text: str) -> None:
        if self._point is not None:
            self._text.append(text)

    def _refuse_types(self, *_: object) -> None:
        raise MalformedGml(self._parser.CurrentLineNumber, "a document type, which could name other files")


def _addresses(points: list[tuple[int, dict[str, list[str]]]]) -> Iterator[tuple[int, Address]]:
    existing = [
        (line, point) for line, point in points if point.get("status", [""])[0].split("#")[-1].lower() in _EXISTING
    ]
    metres = [_position(line, point) for line, point in existing]
    for (line, point), place in zip(existing, geo.to_degrees(metres), strict=True):
        areas = point.get("area", [])
        if len(areas) != _COUNTRY + 3:
            raise MalformedGml(
                line, f"{len(areas)} times {_AREAS[0]}: country, voivodeship, powiat, gmina are expected"
            )
        texts = {name: (point.get(name) or [""])[0] for name in ("miejscowosc", "ulica", "numerPorzadkowy")}
        yield (
            line,
            Address(
                voivodeship=areas[1],
                powiat=areas[2],
                gmina=areas[3],
                locality=texts["miejscowosc"],
                street=texts["ulica"] or None,
                number=texts["numerPorzadkowy"],
                longitude=round(place.x, 6),
                latitude=round(place.y, 6),
            ),
        )


def _position(line: int, point: dict[str, list[str]]) -> Point:
    try:
        [[northing, easting]] = [map(float, text.split()) for text in point.get("pos", [])]
    except ValueError:
        raise MalformedGml(line, "one pos with two numbers is expected: northing and easting in EPSG:2180") from None
    return Point(easting, northing)
