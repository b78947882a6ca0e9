"""What is no whole backup, or not one of this system that this release can read, is refused with what to do."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from chassis.settings import Settings
from deploy.stack.process import StackError
from operations.backups.folder import (
    MANIFEST,
    Manifest,
    Store,
    migrations_of,
    read_manifest,
    require_new,
    require_usable,
    sha256_of,
    write_manifest,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole backup of casework, of this system and release."""
    file = tmp_path / "casework.dump"
    file.write_bytes(b"rows")
    store = Store(
        service="casework",
        file=file.name,
        size=4,
        sha256=sha256_of(file),
        migrations=tuple(migrations_of("casework")),
        read=(),
    )
    whole = Manifest(
        cluster="kraft-1",
        namespace="",
        taken_at=datetime(2026, 11, 27, 2, tzinfo=UTC),
        ends=(),
        stores=(store,),
        photos=0,
        keys=(),
    )
    write_manifest(tmp_path, whole)
    return tmp_path


def told(namespace: str, **more: str) -> Settings:
    return Settings.from_variables({"KMZB_KAFKA_BOOTSTRAP": "127.0.0.1:1", "KMZB_NAMESPACE": namespace, **more})


def refused(folder: Path, cluster: str = "kraft-1", namespace: str = "") -> str:
    with pytest.raises(StackError) as refusal:
        require_usable(folder, read_manifest(folder), ["casework"], cluster, told(namespace))
    return str(refusal.value)


def change(folder: Path, **fields: object) -> None:
    file = folder / MANIFEST
    file.write_bytes(msgspec.json.encode({**msgspec.json.decode(file.read_bytes()), **fields}))


def test_a_whole_one_of_this_system_is_taken(folder: Path) -> None:
    require_usable(folder, read_manifest(folder), ["casework"], "kraft-1", told(""))


def test_a_folder_without_a_manifest_was_not_finished(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"is no backup, or one that was not finished: it has no manifest\.json"):
        read_manifest(tmp_path)


def test_one_of_another_system_is_refused_by_its_cluster_and_its_namespace(folder: Path) -> None:
    assert "on Kafka cluster kraft-1, this one is kraft-2" in refused(folder, cluster="kraft-2")
    assert "of the namespace '', this one is 'second.'" in refused(folder, namespace="second.")


def test_a_regions_is_not_taken_for_the_nations_nor_the_nations_for_a_regions(folder: Path) -> None:
    change(folder, instance="wroclaw")
    assert "of the instance wroclaw, and KMZB_INSTANCE says national" in refused(folder)
    change(folder, instance="national")
    (plan := folder / "regions.toml").write_text(
        '[[change]]\ngarrison = "WRO"\ninstance = "wroclaw"\nfrom = 2026-12-01T00:00:00Z\n', "utf-8"
    )
    region = told("", KMZB_REGIONS_FILE=str(plan), KMZB_INSTANCE="wroclaw")
    with pytest.raises(StackError, match="of the instance national, and KMZB_INSTANCE says wroclaw"):
        require_usable(folder, read_manifest(folder), ["casework"], "kraft-1", region)


def test_one_that_is_not_as_it_was_written_is_refused_by_file(folder: Path) -> None:
    (folder / "casework.dump").write_bytes(b"rowz")
    assert "casework.dump is not as it was written" in refused(folder)
    (folder / "casework.dump").unlink()
    assert "casework.dump is missing" in refused(folder)


def test_one_of_a_newer_release_is_refused_with_whose_command_to_take(folder: Path) -> None:
    store = msgspec.json.decode((folder / MANIFEST).read_bytes())["stores"][0]
    change(folder, stores=[{**store, "migrations": [*store["migrations"], "casework/9999_later.sql"]}])
    assert "casework was of a newer release (casework/9999_later.sql is not known here)" in refused(folder)
    change(folder, format=3, release="9.0.0")
    with pytest.raises(StackError, match=r"a newer kmzb \(release 9\.0\.0\): take that one"):
        read_manifest(folder)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": "x"}'])
def test_a_manifest_that_makes_no_sense_is_damaged(tmp_path: Path, text: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(text)
    with pytest.raises(StackError, match="is damaged"):
        read_manifest(tmp_path)


def test_a_service_there_is_no_copy_of_is_named(folder: Path) -> None:
    with pytest.raises(StackError, match="there is no copy of 'notifier'; there are casework"):
        read_manifest(folder).store("notifier")


def test_a_backup_is_never_written_over_anything(tmp_path: Path) -> None:
    require_new(tmp_path / "new")
    require_new(tmp_path)
    (tmp_path / "file").touch()
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(StackError, match="a backup is never written over another"):
            require_new(taken)
