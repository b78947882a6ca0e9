"""Address points from files: what is imported, what is refused and where, and that a refusal changes nothing."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from chassis.postgres import Database
from deploy.gazetteer import Address, import_addresses
from operations.gazetteer.files import Refused, read_addresses, sha256_of
from support.stack.databases import Clone

HEAD = ";".join(["wojewodztwo", "powiat", "gmina", "miejscowosc", "ulica", "numer_porzadkowy", "kod_pocztowy",
                 "dlugosc_geograficzna", "szerokosc_geograficzna"])  # fmt: skip
ROW = "opolskie;Opole;Opole;Opole;Rynek;1;45-015;17.9222;50.6685"
POINT = """
  <gml:featureMember><prg-ad:PRG_PunktAdresowy gml:id="a">
    <prg-ad:jednostkaAdmnistracyjna>Polska</prg-ad:jednostkaAdmnistracyjna>
    <prg-ad:jednostkaAdmnistracyjna>opolskie</prg-ad:jednostkaAdmnistracyjna>
    <prg-ad:jednostkaAdmnistracyjna>Opole</prg-ad:jednostkaAdmnistracyjna>
    <prg-ad:jednostkaAdmnistracyjna>Opole</prg-ad:jednostkaAdmnistracyjna>
    <prg-ad:miejscowosc>Opole</prg-ad:miejscowosc>
    <prg-ad:ulica>{street}</prg-ad:ulica>
    <prg-ad:numerPorzadkowy>{number}</prg-ad:numerPorzadkowy>
    <prg-ad:status>{status}</prg-ad:status>
    <prg-ad:pozycja><gml:Point><gml:pos>{pos}</gml:pos></gml:Point></prg-ad:pozycja>
  </prg-ad:PRG_PunktAdresowy></gml:featureMember>"""


def gml(*points: str, before: str = "") -> str:
    body = "".join(points)
    head = f'<?xml version="1.0" encoding="UTF-8"?>{before}<gml:FeatureCollection xmlns:gml="g" xmlns:prg-ad="p">'
    return f"{head}{body}\n</gml:FeatureCollection>"


def point(street: str = "Rynek", number: str = "1", status: str = "istniejacy", pos: str = "311831.3 423857.3") -> str:
    return POINT.format(street=street, number=number, status=status, pos=pos)


def test_gml_of_the_register_is_read(tmp_path: Path) -> None:
    file = tmp_path / "PRG.gml.gz"
    file.write_bytes(gzip.compress(gml(point(), point(street=""), point(status="prognozowany")).encode()))
    [first, second] = read_addresses([file])
    assert first.street == "Rynek"
    assert second.street is None
    assert (first.voivodeship, first.powiat, first.gmina, first.locality) == ("opolskie", "Opole", "Opole", "Opole")
    assert (round(first.longitude, 2), round(first.latitude, 2)) == (17.92, 50.67)


def test_a_table_is_read(tmp_path: Path) -> None:
    for text in (f"{HEAD}\n{ROW}\n", f"\ufeff{HEAD}\r\n{ROW}\r\n", f"{HEAD}\n{ROW}\n".replace(";", ",")):
        file = tmp_path / "addresses.csv"
        file.write_text(text, encoding="utf-8", newline="")
        assert list(read_addresses([file])) == [
            Address("opolskie", "Opole", "Opole", "Opole", "Rynek", "1", 17.9222, 50.6685)
        ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (f"{HEAD}\n{ROW}\n{ROW.replace('17.9222', 'east')}\n", 3, "degrees"),
        (f"{HEAD}\n{ROW.replace(';1;', ';;')}\n", 2, "without a number"),
        (f"{HEAD}\n{ROW}\n{ROW.replace('17.9222', '37.9')}\n", 3, "outside Poland"),
        (f"{HEAD}\n{ROW.replace('17.9222', 'nan')}\n", 2, "outside Poland"),
        (f"{HEAD}\n{ROW};more\n", 2, "columns"),
        (f"{HEAD}\n", None, "no address points"),
        ("a;b\n1;2\n", 1, "no column"),
        ("", 1, "no column"),
        (gml(point(), point(pos="1 2 3")), 13, "two numbers"),
        (gml(point(pos="10 10")), 2, "outside Poland"),
        (gml(point(), point())[:900], 14, "unclosed token"),
        (gml(point(), before='<!DOCTYPE x [<!ENTITY a "b">]>'), 1, "document type"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, line: int | None, words: str) -> None:
    file = tmp_path / "bad"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        list(read_addresses([file]))
    assert words in str(refused.value)
    assert str(refused.value).startswith(f"{file}:{line}:" if line else str(file))


def test_an_import_replaces_everything_or_nothing(database: Callable[[str], Clone], tmp_path: Path) -> None:
    dsn = database("public-map").service
    first, second, bad = tmp_path / "1.csv", tmp_path / "2.csv", tmp_path / "3.csv"
    first.write_text(f"{HEAD}\n{ROW}\n{ROW.replace(';1;', ';2;')}\n{ROW}\n")
    second.write_text(f"{HEAD}\n{ROW.replace('Rynek', 'Krakowska')}\n")
    bad.write_text(f"{HEAD}\n{ROW.replace('Rynek', 'Polna')}\n{ROW.replace('17.9', 'x')}\n")

    def there() -> list[tuple[str, str]]:
        store = Database(dsn, size=1)
        with store.transaction() as connection:
            rows = connection.execute(
                "select name, number from named_place join address on named_place = id order by 1, 2"
            ).fetchall()
        store.close()
        return [(row["name"], row["number"]) for row in rows]

    def run(file: Path) -> int:
        return import_addresses(dsn, sha256_of([file]), read_addresses([file]), print).addresses

    assert run(first) == 2
    assert there() == [("Rynek", "1"), ("Rynek", "2")]
    assert run(first) == 0
    with pytest.raises(Refused):
        run(bad)
    assert there() == [("Rynek", "1"), ("Rynek", "2")]
    assert run(second) == 1
    assert there() == [("Krakowska", "1")]
