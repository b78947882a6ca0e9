"""`codebook.md`: the dataset for people."""

from collections.abc import Iterator

from operations.dataset.contents.disclosure import STEP
from operations.dataset.contents.tables import TABLES, Table
from operations.dataset.metadata import about
from operations.dataset.metadata.about import Dataset

_HOW_TO_READ = f"""\
**{about.NOT_FOR_EMERGENCIES}**

Whatever people report without an account at a place on the map goes to the police unit that answers for it. These files
are frozen: made again of the same month they are the same to the byte, whatever became of the reports later. The one
exception hides more: a report that turned out to be of a category nobody may see is left out, and a place is never
more exact than the map has it now.

- **The month** begins and ends in UTC, as in the map's `/v1/statistics/months`; all times are UTC, to the hour.
- **`reports` is what the map showed** in the instant the month ended. What was sent long ago and is open is in it; what
  was rejected is not, nor what was unconfirmed for 7 days or eliminated for a month, nor what is never shown. Whoever
  counts its rows alone counts survivors.
- **`imported` reports are another system's**, kept as history: nobody here works on them. They are in the months since
  they were imported, also in `counts` where they were sent in the month; no earlier month changes.
- **`counts` is of all reports sent in the month**, those on the map (`shown`, exact) and those not on it (`not_shown`).
  `shown` adds up to the rows of `reports` whose `submitted_at` lies in the month.
- **`not_shown` is rounded down to tens, and left out below {STEP}**: it would be about somebody's report. Units that
  are too small by themselves are put together, first with others of their garrison (`level` garrison), then of the
  country (`level` country). Every report is counted in one row at most: rows may be added up, and nothing is hidden
  in a difference. A sum is too small by up to 9 for each row with a number, and by what is in no row. No totals are
  told, for the same reason.
- A report whose unit or category changed is counted where its case was when the month ended.
- No column has a word anybody wrote, a photo, or anything of who reported.
"""


def codebook(dataset: Dataset) -> str:
    """The text, in Markdown."""
    return "\n".join(
        [
            f"# {dataset.title}",
            "",
            f"*{dataset.title_pl}.* Published by {about.PUBLISHER} under {about.LICENCE_TITLE} ({about.LICENCE});"
            f" see {about.LICENCE_FILE}.",
            "Which unit answers is found with districts; where no district of the police was known, with areas of"
            f" © {about.BOUNDARIES} (ODbL).",
            "",
            _HOW_TO_READ,
            *(line for table in TABLES for line in _described(dataset, table)),
            "## Files",
            "",
            "CSV: RFC 4180, UTF-8, commas, decimal points, empty for no value. Parquet: the same rows."
            f" {about.PACKAGE} describes them for programs (Data Package 2), {about.CATALOGUE} for catalogues"
            " (DCAT-AP 3); `sha256sum -c SHA256SUMS` checks that they are whole.",
            "",
        ]
    )


def _described(dataset: Dataset, table: Table) -> Iterator[str]:
    names = ", ".join(file.name for file in dataset.files if file.table is table)
    yield from (f"## {table.title}: {names}", "", f"{table.means} {dataset.rows[table.name]} rows.", "")
    yield from ("| column | kind | means |", "|---|---|---|")
    for column in table.columns:
        refers = f"; a code of {column.refers}" if column.refers else ""
        optional = "" if column.required else ", may be empty"
        yield f"| `{column.name}` | {column.kind}{optional} | {column.means}{refers} |"
    yield ""
