"""`kmzb import kmzb` as an operator types it, on a real log, and what the map makes of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from boundaries.published import KafkaDistrictTopic, publish_set
from chassis import clock
from chassis.postgres import Database
from chassis.settings import Settings as Common
from contracts.topics import CASE_CHANGED, CLOCK, DEAD_LETTERS, DISTRICT, HISTORY, PUBLIC_MAP, PUBLIC_REPORT
from operations.consumption.groups import positions
from operations.history.importing import report_id
from public_map.app import TOPICS
from public_map.settings import Settings
from support.districts import area, command, polygon, square
from support.operations.command import Kmzb
from support.operations.exports import feature, write
from support.public_map.public_topic import reports_on_map, running_service
from support.stack.databases import Clone
from support.topics import everything_on
from support.wait import eventually

BEGGING, DRUGS = "Żebractwo", "Używanie środków odurzających"
FIVE = [
    feature(1),
    feature(2, Typ=BEGGING),
    feature(3, Typ=DRUGS),
    feature(4, Status="Potwierdzone (wyeliminowane)"),
    feature(5, Status="Nowe", **{"Data modyfikacji": 0}),
]


class Imported:
    """A map that runs beside the command."""

    def __init__(self, settings: Settings, store: Database, kmzb: Kmzb) -> None:
        self.settings, self.store, self.kmzb = settings, store, kmzb

    def read(self) -> None:
        """Wait until public-map has read what was imported."""
        eventually(lambda: not sum(each.waiting for each in positions(self.settings, PUBLIC_MAP, [HISTORY])), 30)

    @property
    def versions(self) -> dict[str, int]:
        return {key: report.version for key, report in reports_on_map(self.store).items()}

    @property
    def said(self) -> int:
        return len(everything_on(self.settings, HISTORY))


@pytest.fixture
def running(settings: Common, database: Callable[[str], Clone], topics: Callable[..., None]) -> Iterator[Imported]:
    topics(*TOPICS, DISTRICT, PUBLIC_REPORT, DEAD_LETTERS[PUBLIC_MAP])
    dsn = database("public-map").service
    own = Settings(kafka_bootstrap=settings.kafka_bootstrap, namespace=settings.namespace, postgres_dsn=dsn)
    districts = [*command(), area("R1", polygon(square(17.8, 50.6, 18.0, 50.75)))]
    publish_set(KafkaDistrictTopic(own), districts, clock.now(), clock.now())
    addresses = {
        "KMZB_KAFKA_BOOTSTRAP": own.kafka_bootstrap, "KMZB_NAMESPACE": own.namespace,
        "KMZB_PUBLIC_MAP_POSTGRES_DSN": dsn,
    }  # fmt: skip
    with running_service(own) as store:
        yield Imported(own, store, Kmzb(addresses))


def key(number: int) -> str:
    return str(report_id("kmzb", number))


def test_it_is_on_the_map_once_and_a_correction_is_too(running: Imported, tmp_path: Path) -> None:
    file, words = str(write(tmp_path, FIVE)), ("import", "kmzb")
    planned = running.kmzb.json(*words, file, "--dry-run")
    assert (planned["new"], planned["shown"], running.said) == (5, 3, 0)
    done = running.kmzb.json(*words, file)
    assert {**planned, "dry_run": False, "seconds": 0} == {**done, "seconds": 0}
    running.read()
    # By the map's own rules: neither the hidden category nor what was eliminated years ago.
    assert running.versions == {key(1): 1, key(2): 1, key(5): 1}
    again = running.kmzb.json(*words, file)
    assert (again["same"], again["new"], again["changed"], running.said) == (5, 0, 0, 5)
    corrected = write(tmp_path, [feature(1, Typ=BEGGING), *FIVE[1:4], feature(6)], "corrected.json.gz")
    assert "1 new, 1 changed; 3 are there" in running.kmzb(*words, str(corrected))
    running.read()
    # What is not in the file any more stays as it was.
    assert running.versions == {key(1): 2, key(2): 1, key(5): 1, key(6): 1}
    other = running.kmzb.json(*words, file, "--source", "other")
    assert other["new"] == 5
    assert [len(everything_on(running.settings, topic)) for topic in (CASE_CHANGED, CLOCK)] == [0, 0]


def test_faulty_features_are_named_and_the_others_taken_unless_there_are_too_many(
    running: Imported, tmp_path: Path
) -> None:
    file = str(write(tmp_path, [feature(1), feature(2, Typ="Smog"), feature(3, Status=None), feature(4)]))
    refused = running.kmzb.refusal("import", "kmzb", file, "--max-faults", "1")
    assert "2 of 4 features are faulty" in refused
    assert "features[1] Typ: 'Smog'" in refused
    assert running.said == 0
    printed = running.kmzb("import", "kmzb", file, ends=3)
    assert "left out: features[2] Status" in printed
    assert "2 of 4 features imported" in printed
    running.read()
    assert running.versions == {key(1): 1, key(4): 1}


@pytest.mark.parametrize(
    ("words", "why"), [(("/nowhere.json",), "no such file"), ((__file__, "--source", "A b"), "--source")]
)
def test_what_can_not_be_imported_is_refused(words: tuple[str, ...], why: str, settings: Common) -> None:
    assert why in Kmzb({"KMZB_KAFKA_BOOTSTRAP": settings.kafka_bootstrap}).refusal("import", "kmzb", *words)
