"""A release takes nothing that the one before it uses, in migrations, access and contracts; each refusal says where."""

import io
import json
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from checks.catalogue import CHECKS
from checks.releases import access, archive, migrations
from checks.sources import Check, Sources

Planting = Callable[[Mapping[str, str]], Sources]
ROOT = Path(__file__).resolve().parents[2]
FIRST, NEW = "casework/casework/migrations/0001_first.sql", "casework/casework/migrations/0002_new.sql"
REGISTRY, CONTRACTS = "deploy/helm/kmzb/files/registry.json", "services/contracts/contracts/releases/0.1.0.json"
WRITE = {"type": "topic", "name": "a.v1", "operation": "Write"}
TOPICS = {"topics": [{"name": "a.v1", "partitions": 12}], "users": {"intake": [WRITE]}}
BEFORE = {
    FIRST: "create table cases (words text, number text);",
    "casework/casework/store/cases.py": 'QUERY = "select words from cases"',
    REGISTRY: json.dumps(TOPICS),
    CONTRACTS: "{}",
}


@pytest.fixture
def plant(planted: Planting, tmp_path: Path) -> Planting:
    """A source tree as it was in release 0.1.0, which is kept, and what became of it."""

    def plant(files: Mapping[str, str]) -> Sources:
        sources = planted({path: text for path, text in (BEFORE | dict(files)).items() if text})
        (tmp_path / archive.FOLDER).mkdir(parents=True)
        with tarfile.open(tmp_path / archive.FOLDER / "0.1.0.tar.xz", "w:xz") as tar:
            for path, text in BEFORE.items():
                (member := tarfile.TarInfo(path)).size = len(text.encode())
                tar.addfile(member, io.BytesIO(text.encode()))
        return sources

    return plant


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        (
            "alter table cases drop column words",
            "drops words, and 0.1.0 names it at casework/casework/store/cases.py:1",
        ),
        ("-- 0.1.0 goes on: no\nalter table cases drop column words", "0.1.0 names it at casework"),
        ("alter table cases drop column number", "drops number, and 0.1.0 runs beside it"),
        ("drop table cases", "drops cases"),
        ("alter table cases rename column words to said", "renames words"),
        ("alter table cases rename to reports", "renames cases"),
        ("alter table cases add column a text not null", "adds a, which may not be null and has no default"),
        ("alter table cases alter column number set not null", "lets number be null no more"),
        ("alter table cases alter column number type integer using 1", "changes the type of number"),
        ("alter table cases alter column number drop default", "takes the default from number"),
        ("alter table cases add constraint a check (number <> '')", "adds a constraint"),
        ("alter table cases enable row level security", "nobody can tell what EnableRowSecurity takes"),
        ("create unique index a on cases (number)", "makes rows of cases unique"),
        ("create or replace function f() returns int language sql as $$ select 1 $$", "replaces a function"),
        ("drop function f", "drops f"),
        ("drop trigger t on cases", "drops t"),
        ("revoke select on cases from kmzb_casework", "revokes a right"),
        ("truncate cases", "nobody can tell what a Truncate statement takes"),
        ("do $$ begin execute 'drop table cases'; end $$", "nobody can tell what a Do statement takes"),
        ("alter tabel cases", "syntax error"),
    ],
)
def test_what_takes_something_from_the_release_before_is_refused(plant: Planting, sql: str, says: str) -> None:
    [offence] = migrations.expanding(plant({NEW: f"-- Why.\n\n{sql};\n"}))
    assert says in offence
    assert offence.startswith(f"{NEW}:{1 if 'syntax' in says else 4 if 'goes on' in sql else 3}: ")


@pytest.mark.parametrize(
    "sql",
    [
        "alter table cases add column a text, add column b integer not null default 0",
        "alter table cases alter column number set default ''",
        "create table more (a text not null unique); create unique index b on more (a); alter table more drop column a",
        "create index a on cases (number); update cases set number = ''; grant select on cases to kmzb_casework",
        "create function f() returns int language sql as $$ select 1 $$; create view v as select words from cases",
        "-- 0.1.0 goes on: it never read it\nalter table cases drop column number",
    ],
)
def test_what_only_adds_is_left_alone(plant: Planting, sql: str) -> None:
    assert list(migrations.expanding(plant({NEW: sql}))) == []


@pytest.mark.parametrize(("text", "says"), [("create table cases (a text);", "is changed"), ("", "is gone")])
def test_what_the_release_before_has_applied_stays(plant: Planting, text: str, says: str) -> None:
    [offence] = migrations.expanding(plant({FIRST: text}))
    assert offence.startswith(f"{FIRST}:1: {says}, and databases of release 0.1.0 have it")


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (TOPICS | {"topics": []}, "takes the topic a.v1"),
        (TOPICS | {"topics": [{"name": "a.v1", "partitions": 24}]}, "takes the topic a.v1"),
        (TOPICS | {"users": {"intake": []}}, "takes intake's right to Write a.v1"),
    ],
)
def test_a_service_of_the_release_before_may_do_what_it_did(plant: Planting, now: object, says: str) -> None:
    [offence] = access.topics_and_rules(plant({REGISTRY: json.dumps(now)}))
    assert offence.startswith(f"{REGISTRY}:1: {says}, which 0.1.0 uses")


def test_contracts_of_a_release_that_was_put_in_place_are_not_kept_anew(plant: Planting) -> None:
    [offence] = access.contracts(plant({CONTRACTS: '{"more": 1}'}))
    assert offence.startswith(f"{CONTRACTS}:1: ")
    assert "git checkout main -- " in offence


@pytest.mark.parametrize("check", [CHECKS[name] for name in CHECKS if name.startswith("releases.")])
def test_as_long_as_nothing_changes_nothing_offends(plant: Planting, check: Check) -> None:
    assert list(check(plant({}))) == []


def test_a_release_is_kept_here_and_python_finds_its_packages(tmp_path: Path) -> None:
    before = archive.kept(ROOT)
    assert before is not None
    packages = {folder.name for folder in before.unpack(tmp_path, ROOT)}
    assert {"contracts", "chassis", "intake", "deploy", "public-map"} <= packages
    assert (tmp_path / "services/web/web/design/static/map/poland.pmtiles").stat().st_size > 1_000_000


def test_what_is_no_release_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a git repository"):
        archive.keep(tmp_path, "HEAD")
