"""Fills the public map's search for places: with the official places that are shipped, or with addresses."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from boundaries.areas import DATA, administrative
from boundaries.areas.places import list_places
from chassis.postgres import Connection, Database
from public_map.domain.reading.places import ADDRESSES, REGISTER, NamedPlace, folded_number
from public_map.store.places.sources import (
    delete_source,
    insert_addresses,
    insert_named_places,
    lock_gazetteer,
    read_gazetteer_sha256,
    read_next_place_id,
    upsert_gazetteer,
)

PLACES_FILES = ("places.csv.gz", "gminas.geojson.gz", "powiats.geojson.gz", "voivodeships.geojson.gz")
# Raised when what is made of the files changes, so that everybody imports them again.
_EDITION = "1"

Progress = Callable[[int], object]
"""Told now and then how many addresses have been read."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address point in WGS 84 degrees. Without a street, the houses of the place have only numbers."""

    voivodeship: str
    powiat: str
    gmina: str
    locality: str
    street: str | None
    number: str
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Imported:
    """How many there are now."""

    places: int
    addresses: int = 0


def import_places(dsn: str) -> int:
    """Have exactly the shipped places in the public map's database of a DSN; returns how many are new, 0 if none."""
    digest = hashlib.sha256(_EDITION.encode())
    for name in PLACES_FILES:
        digest.update((DATA / name).read_bytes())
    return _replace(dsn, REGISTER, digest.hexdigest(), _insert_register).places


def import_addresses(dsn: str, sha256: str, addresses: Iterable[Address], progress: Progress) -> Imported:
    """Replace all address points by these; places 0 where they are there already, by the hash of what they are from.

    Whatever `addresses` raises, nothing has changed then.
    """
    return _replace(dsn, ADDRESSES, sha256, lambda connection: _insert_addresses(connection, addresses, progress))


def _replace(dsn: str, source: str, sha256: str, insert: Callable[[Connection], Imported]) -> Imported:
    database = Database(dsn, size=1)
    try:
        with database.transaction() as connection:
            lock_gazetteer(connection)
            if read_gazetteer_sha256(connection, source) == sha256:
                return Imported(0)
            delete_source(connection, source)
            imported = insert(connection)
            upsert_gazetteer(connection, source, sha256, imported.places, imported.addresses)
            return imported
    finally:
        database.close()


def _insert_register(connection: Connection) -> Imported:
    following = read_next_place_id(connection)
    return Imported(insert_named_places(connection, enumerate(registered_places(), following)))


def registered_places() -> Iterator[NamedPlace]:
    """The towns and villages that are shipped, with the names of the areas they are in."""
    gminas, powiats, voivodeships = (
        {code: area.name for code, area in areas.items()}
        for areas in (administrative.gminas(), administrative.powiats(), administrative.voivodeships())
    )
    for place in list_places():
        yield NamedPlace(
            source=REGISTER,
            kind=place.kind,
            name=place.name,
            locality=None,
            gmina=gminas[place.gmina],
            powiat=powiats[place.powiat],
            voivodeship=voivodeships[place.powiat[:2]],
            longitude=place.longitude,
            latitude=place.latitude,
            people=place.people,
        )


def _insert_addresses(connection: Connection, addresses: Iterable[Address], progress: Progress) -> Imported:
    streets = _Streets(read_next_place_id(connection))
    count = insert_addresses(connection, _counted(streets.numbered(addresses), progress))
    return Imported(insert_named_places(connection, streets.places()), count)


def _counted(
    addresses: Iterable[tuple[int, str, float, float]], progress: Progress
) -> Iterator[tuple[int, str, float, float]]:
    for number, address in enumerate(addresses, 1):
        yield address
        if number % 100_000 == 0:
            progress(number)


class _Streets:
    """The streets that addresses name, by number, each at the mean place of its houses."""

    def __init__(self, following: int) -> None:
        self._following = following
        self._streets: dict[tuple[str, str, str, str, str | None], list[float]] = {}

    def numbered(self, addresses: Iterable[Address]) -> Iterator[tuple[int, str, float, float]]:
        for address in addresses:
            named = (address.voivodeship, address.powiat, address.gmina, address.locality, address.street)
            if named not in self._streets:
                self._streets[named] = [self._following + len(self._streets), 0, 0.0, 0.0]
            street = self._streets[named]
            street[1] += 1
            street[2] += address.longitude
            street[3] += address.latitude
            yield int(street[0]), folded_number(address.number), address.longitude, address.latitude

    def places(self) -> Iterator[tuple[int, NamedPlace]]:
        for named, (number, houses, longitudes, latitudes) in self._streets.items():
            voivodeship, powiat, gmina, locality, street = named
            place = NamedPlace(
                source=ADDRESSES,
                kind="street" if street else "settlement",
                name=street or locality,
                locality=locality if street else None,
                gmina=gmina,
                powiat=powiat,
                voivodeship=voivodeship,
                longitude=round(longitudes / houses, 6),
                latitude=round(latitudes / houses, 6),
            )
            yield int(number), place
