"""What every description of a dataset says alike: whose it is, on what terms, what it is called and what lies in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.base import HEADQUARTERS

from operations.dataset.contents.tables import Table
from operations.dataset.months import Month

PUBLISHER = HEADQUARTERS.unit_name
PUBLISHER_PAGE = "https://www.policja.pl/"
LICENCE = "CC-BY-4.0"
LICENCE_TITLE = "Creative Commons Attribution 4.0 International"
LICENCE_PAGE = "https://creativecommons.org/licenses/by/4.0/"
BOUNDARIES = "OpenStreetMap contributors, through geoBoundaries"
NOT_FOR_EMERGENCIES = "Not an emergency channel: in danger call 112."

CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"
CODEBOOK, LICENCE_FILE, PACKAGE, CATALOGUE = "codebook.md", "LICENSE.txt", "datapackage.json", "dcat.jsonld"
LICENCE_TEXT = f"""\
© {PUBLISHER}. {LICENCE_TITLE} ({LICENCE}): {LICENCE_PAGE}

Whoever uses these data names the source, like
"{PUBLISHER}, Krajowa Mapa Zagrożeń Bezpieczeństwa", and says what was changed.
"""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of a dataset as it was written: one of the tables, in one form."""

    name: str
    table: Table
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset to be described. `url`: where its folder is published, without a slash at the end."""

    month: Month
    url: str
    files: Sequence[DataFile]
    rows: Mapping[str, int]

    @property
    def title(self) -> str:
        """Of the dataset, in English."""
        return f"National Security Threat Map of Poland, {self.month}"

    @property
    def title_pl(self) -> str:
        """The same in Polish."""
        return f"Krajowa Mapa Zagrożeń Bezpieczeństwa, {self.month}"
