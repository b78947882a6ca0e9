"""`kmzb dataset`, as an operator types it on a real log, and its files, as others' programs read them."""

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from chassis import clock
from chassis.kafka.client import Publisher
from chassis.settings import Settings
from contracts.events.cases import CaseCorrected, CaseOpened, CaseRejected
from contracts.topics import CASE_CHANGED, HISTORY
from frictionless import Package
from operations.dataset.months import Month, month_named
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF
from support.chassis.raw_producer import RawRecord, write_raw
from support.events import outgoing
from support.operations.command import Kmzb
from support.operations.months import URL, belonging, ended_before, lives, owner
from support.public_map.public_lives import Life

MONTH = ended_before(clock.now())
WORDS = ("--url", URL)
FILES = {
    "reports.csv", "reports.parquet", "counts.csv", "counts.parquet", "categories.csv", "statuses.csv", "codebook.md",
    "LICENSE.txt", "datapackage.json", "dcat.jsonld", "SHA256SUMS",
}  # fmt: skip


@pytest.fixture
def log(settings: Settings, topics: Callable[..., None]) -> Publisher:
    """Somebody who writes casework's topic, with a month on it."""
    topics(CASE_CHANGED, HISTORY)
    publisher = Publisher(settings, "test")
    told = [*lives(31, month=MONTH), *lives(12, (CaseOpened,), month=MONTH, first=100, by=owner(2))]
    publisher.publish([outgoing(change) for life in told for change in life])
    return publisher


@pytest.fixture
def kmzb(settings: Settings, log: Publisher) -> Kmzb:
    return Kmzb({"KMZB_KAFKA_BOOTSTRAP": settings.kafka_bootstrap, "KMZB_NAMESPACE": settings.namespace})


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_it_is_made_once_and_the_same_each_time(kmzb: Kmzb, log: Publisher, tmp_path: Path) -> None:
    words = ("dataset", str(MONTH), "--out", str(tmp_path / "a"), *WORDS)
    planned = kmzb.json(*words, "--dry-run")
    assert not (tmp_path / "a").exists()
    assert (planned["reports"], planned["sent_and_shown"], planned["sent_and_not_shown_at_least"]) == (12, 12, 30)
    made = kmzb.json(*words)
    assert {**planned, "outcome": "made", "seconds": 0} == {**made, "seconds": 0}
    first = bytes_of(tmp_path / "a" / str(MONTH))
    assert first.keys() == FILES
    assert "the same to the byte" in kmzb(*words)
    kmzb("dataset", str(MONTH), "--out", str(tmp_path / "b"), *WORDS)
    assert bytes_of(tmp_path / "b" / str(MONTH)) == first
    # What happens later changes nothing of it.
    later = Life(100, MONTH.begins, "parking")
    later.version = 1
    log.publish([outgoing(belonging(later.change(CaseRejected, at=MONTH.settled), owner(2)))])
    assert kmzb.json(*words)["outcome"] == "same"


def test_another_one_stays_until_it_may_be_replaced(kmzb: Kmzb, log: Publisher, tmp_path: Path) -> None:
    words = ("dataset", str(MONTH), "--out", str(tmp_path), *WORDS)
    folder = tmp_path / str(MONTH)
    kmzb(*words)
    before = bytes_of(folder)
    hidden = Life(100, MONTH.begins, "parking")
    hidden.version = 1
    log.publish([outgoing(hidden.change(CaseCorrected, category="drug-use", at=MONTH.settled))])
    told = kmzb.json(*words, ends=3)
    assert (told["outcome"], bytes_of(folder)) == ("differs", before)
    assert {"reports.csv", "counts.csv"} <= set(told["differing"])
    assert "was replaced" in kmzb(*words, "--replace")
    assert bytes_of(folder)["reports.csv"].count(b"\n") == before["reports.csv"].count(b"\n") - 1
    assert [file.name for file in tmp_path.iterdir()] == [str(MONTH)]


def test_what_cannot_be_made_is_refused_by_name_and_writes_nothing(kmzb: Kmzb, tmp_path: Path) -> None:
    now, out = clock.now(), ("--out", str(tmp_path / "out"))
    running = Month(now.year, now.month)
    assert f"{running} can be made from" in kmzb.refusal("dataset", str(running), *out, *WORDS)
    for wrong in ("october", "2026-13", "2026-1", "2026-10-01"):
        assert f"MONTH: {wrong!r} is no month" in kmzb.refusal("dataset", wrong, *out, *WORDS)
    assert kmzb.refusal("dataset", str(MONTH), *out).startswith("--url: say where")
    assert kmzb.code("dataset", str(MONTH)) == 2
    assert not (tmp_path / "out").exists()


def test_what_nobody_can_read_is_said(kmzb: Kmzb, settings: Settings, tmp_path: Path) -> None:
    write_raw(settings.kafka_bootstrap, [RawRecord(settings.namespace + CASE_CHANGED.name, b"k", [], b"no event")])
    told = kmzb.json("dataset", str(MONTH), "--out", str(tmp_path), "--dry-run", *WORDS)
    assert (told["reports"], len(told["unreadable"])) == (12, 1)
    assert told["unreadable"][0].startswith(CASE_CHANGED.name)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own parser makes one
def test_programs_of_others_read_it(kmzb: Kmzb, tmp_path: Path) -> None:
    kmzb("dataset", str(MONTH), "--out", str(tmp_path), *WORDS)
    folder = tmp_path / str(MONTH)
    checked = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, check=True)
    assert checked.stdout.count(b": OK") == len(FILES) - 1
    package = Package(str(folder / "datapackage.json"))
    for name in [resource.name for resource in package.resources if resource.format == "parquet"]:
        package.remove_resource(name)  # it is compared with the table below
    report = package.validate()
    assert report.valid, report.flatten(["title", "message"])
    assert [task.stats["rows"] for task in report.tasks] == [12, 2, 24, 8]
    for name in ("reports", "counts"):
        of_csv = duckdb.read_csv(str(folder / f"{name}.csv"), header=True, all_varchar=True).fetchall()
        of_parquet = duckdb.read_parquet(str(folder / f"{name}.parquet")).fetchall()
        assert [[plain(cell) for cell in row] for row in of_parquet] == [list(row) for row in of_csv]
    described(folder)


def plain(cell: object) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    return cell.strftime("%Y-%m-%dT%H:%M:%SZ") if hasattr(cell, "strftime") else str(cell)


def described(folder: Path) -> None:
    """What DCAT-AP wants of a dataset and its distributions is there, and true of the files."""
    graph = Graph().parse(folder / "dcat.jsonld", format="json-ld")
    [dataset] = graph.subjects(RDF.type, DCAT.Dataset)
    assert str(dataset) == f"{URL}/{MONTH}"
    for wanted in (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.contactPoint, DCAT.keyword, DCAT.theme,
                   DCTERMS.spatial, DCTERMS.temporal, DCTERMS.issued, URIRef(f"{DCAT}inSeries")):  # fmt: skip
        assert (dataset, wanted, None) in graph, wanted
    distributions = set(graph.objects(dataset, DCAT.distribution))
    assert len(distributions) == 6
    for distribution in distributions:
        for wanted in (DCAT.accessURL, DCTERMS.license, DCTERMS["format"], DCAT.mediaType, DCTERMS.title):
            assert (distribution, wanted, None) in graph, wanted
        file = folder / str(graph.value(distribution, DCAT.downloadURL)).rpartition("/")[2]
        assert int(str(graph.value(distribution, DCAT.byteSize))) == file.stat().st_size
    text = (folder / "dcat.jsonld").read_text()
    for resource in json.loads((folder / "datapackage.json").read_text())["resources"]:
        sha256 = hashlib.sha256((folder / resource["path"]).read_bytes()).hexdigest()
        assert (resource["hash"], sha256 in text) == (f"sha256:{sha256}", True)
    codebook = (folder / "codebook.md").read_text()
    for name in ("not_shown", "precision_m", "CC-BY-4.0", "112"):
        assert name in codebook


@pytest.mark.parametrize(
    ("text", "begins", "ends"), [("2026-12", "2026-12-01", "2027-01-01"), ("2027-01", "2027-01-01", "2027-02-01")]
)
def test_months(text: str, begins: str, ends: str) -> None:
    month = month_named(text)
    assert (str(month), month.begins.date().isoformat(), month.ends.date().isoformat()) == (text, begins, ends)
    assert month.holds(month.begins)
    assert not month.holds(month.ends)
