"""How places come into the search: each source as a whole, in one transaction that nobody who asks waits for."""

from collections.abc import Iterable, Iterator

from chassis.postgres import Connection

from public_map.domain.reading.places import NamedPlace

_PLACE_COLUMNS = (
    "id, source, kind, name, locality, gmina, powiat, voivodeship, longitude, latitude, people, folded, folded_whole"
)
_ADDRESS_COLUMNS = "named_place, number, longitude, latitude"


def lock_gazetteer(connection: Connection) -> None:
    """Whoever else imports waits until this transaction ends, which may take as long as it has to."""
    connection.execute("set local statement_timeout = 0")
    connection.execute("set local lock_timeout = 0")
    connection.execute("set local idle_in_transaction_session_timeout = 0")
    connection.execute("select pg_advisory_xact_lock(hashtext('gazetteer'))")


def read_gazetteer_sha256(connection: Connection, source: str) -> str | None:
    """The hash of what a source was imported from; None where nothing was."""
    row = connection.execute("select sha256 from gazetteer where source = %s", (source,)).fetchone()
    return row["sha256"] if row else None


def delete_source(connection: Connection, source: str) -> None:
    """Forget the places of a source, with their addresses."""
    connection.execute(
        "delete from address where named_place in (select id from named_place where source = %s)", (source,)
    )
    connection.execute("delete from named_place where source = %s", (source,))


def read_next_place_id(connection: Connection) -> int:
    """A number above that of every place."""
    row = connection.execute("select coalesce(max(id), 0) + 1 as following from named_place").fetchone()
    assert row
    following: int = row["following"]
    return following


def insert_named_places(connection: Connection, places: Iterable[tuple[int, NamedPlace]]) -> int:
    """Add places under their numbers; returns how many."""
    count = 0
    with connection.cursor() as cursor, cursor.copy(f"copy named_place ({_PLACE_COLUMNS}) from stdin") as copy:
        for number, place in places:
            copy.write_row(
                (
                    number, place.source, place.kind, place.name, place.locality, place.gmina, place.powiat,
                    place.voivodeship, place.longitude, place.latitude, place.people, place.folded, place.folded_whole,
                )
            )  # fmt: skip
            count += 1
    return count


def insert_addresses(connection: Connection, addresses: Iterator[tuple[int, str, float, float]]) -> int:
    """Add addresses: the number of their place, their own, longitude, latitude; one that comes twice counts once.

    Returns how many there are.
    """
    connection.execute("create temporary table arrived (like address including defaults) on commit drop")
    with connection.cursor() as cursor, cursor.copy(f"copy arrived ({_ADDRESS_COLUMNS}) from stdin") as copy:
        for address in addresses:
            copy.write_row(address)
    insert = f"insert into address ({_ADDRESS_COLUMNS}) select {_ADDRESS_COLUMNS} from arrived on conflict do nothing"  # noqa: S608
    return connection.execute(insert).rowcount


def upsert_gazetteer(connection: Connection, source: str, sha256: str, places: int, addresses: int) -> None:
    """Note what a source was imported from."""
    connection.execute(
        "insert into gazetteer (source, sha256, places, addresses) values (%s, %s, %s, %s) on conflict (source)"
        " do update set sha256 = excluded.sha256, places = excluded.places, addresses = excluded.addresses",
        (source, sha256, places, addresses),
    )
