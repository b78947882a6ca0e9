"""Where photos are kept: the same promises of a folder and of whatever speaks S3."""

import os
import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from objects.outages import Unavailable
from objects.settings import ObjectSettings
from objects.storage import Objects, storage
from pydantic import ValidationError

LATER = datetime.now(UTC) + timedelta(hours=1)
EARLIER = datetime.now(UTC) - timedelta(hours=1)


def configured(**more: Any) -> ObjectSettings:
    return ObjectSettings(kafka_bootstrap="nowhere:1", **more)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A server that speaks S3, with a bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="eu-central-1", **keys)
    client.create_bucket(Bucket="kmzb", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3", "s3 below a prefix"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return storage(configured(objects_url=(tmp_path / "photos").as_uri()))
    url = "s3://kmzb/photos/ours" if "prefix" in request.param else "s3://kmzb"
    endpoint = request.getfixturevalue("s3")
    return storage(configured(objects_url=url, objects_endpoint=endpoint, objects_key_id="key", objects_key="secret"))


def test_what_is_put_is_there_until_it_is_deleted(objects: Objects) -> None:
    assert objects.get("ab-1") is None
    objects.put("ab-1", b"one")
    objects.put("ab-2", bytes(range(256)) * 4000)
    objects.put("ab-1", b"one again")
    assert (objects.get("ab-1"), objects.get("ab-2")) == (b"one again", bytes(range(256)) * 4000)
    objects.delete(["ab-1", "ab-3"])
    assert (objects.get("ab-1"), objects.get("ab-2") is None) == (None, False)
    objects.delete(["ab-2"])


def test_what_was_last_put_before_an_instant_is_listed(objects: Objects) -> None:
    names = {f"{number:02x}-listed" for number in range(30)}
    for name in names:
        objects.put(name, b"x")
    listed = {name for some in objects.names(LATER) for name in some}
    assert listed >= names
    assert [name for some in objects.names(EARLIER) for name in some] == []
    objects.delete(sorted(names))


@pytest.mark.parametrize("name", ["../etc/passwd", "a/b", ".new", "/etc/passwd", "", "a", "ab\0", "ab\n", "AB", "ą-b"])
def test_what_is_no_name_leads_nowhere(name: str, objects: Objects) -> None:
    with pytest.raises(ValueError, match="no name"):
        objects.put(name, b"x")
    assert objects.get(name) is None
    objects.delete([name])


def test_a_folder_that_can_not_be_used_is_unavailable_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    objects = storage(configured(objects_url=(tmp_path / "photos").as_uri()))
    (tmp_path / "photos" / "ab").touch()  # a file where a folder has to be
    for name in ("ab-1", "ab-2"):
        with pytest.raises(Unavailable):
            objects.put(name, b"x")
    assert objects.get("ab-1") is None
    assert sorted(path.name for path in (tmp_path / "photos").rglob("*")) == ["ab"]


def test_what_a_crash_left_unfinished_goes_with_the_next_listing(tmp_path: Path) -> None:
    objects = storage(configured(objects_url=tmp_path.as_uri()))
    objects.put("ab-1", b"x")
    (tmp_path / "ab" / "0123456789abcdef.new").write_bytes(b"half")
    assert [list(some) for some in objects.names(LATER)] == [["ab-1"]]
    assert [path.name for path in tmp_path.rglob("*-*")] == ["ab-1"]
    assert not list(tmp_path.rglob("*.new"))


def test_a_full_disk_leaves_no_half_of_an_object(tmp_path: Path) -> None:
    objects = storage(configured(objects_url=tmp_path.as_uri()))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    objects.put("ab-1", b"x")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(Unavailable):
            objects.put("ab-2", bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in (tmp_path / "ab").iterdir()] == ["ab-1"]


def test_a_server_that_is_away_is_unavailable_soon() -> None:
    given = {"objects_endpoint": "http://127.0.0.1:9", "objects_key_id": "key", "objects_key": "secret"}
    objects = storage(configured(objects_url="s3://kmzb", **given))
    assert_unavailable(objects)


def test_a_bucket_that_is_not_there_is_unavailable(s3: str) -> None:
    given = {"objects_endpoint": s3, "objects_key_id": "key", "objects_key": "secret"}
    objects = storage(configured(objects_url="s3://nobodys", **given))
    assert_unavailable(objects)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("file:///", "folder"),
        ("file://host/x", "folder"),
        ("https://bucket", "scheme"),
        ("s3://bucket", "KMZB_OBJECTS_KEY"),
        ("photos", "URL"),
    ],
)
def test_a_place_that_can_not_be_one_is_refused_at_the_start(url: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        configured(objects_url=url)


def test_a_put_is_on_the_disk_when_it_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(number))
    storage(configured(objects_url=tmp_path.as_uri())).put("ab-1", b"x")
    assert len(synced) == 2  # the file, then the folder with its name


def assert_unavailable(objects: Objects) -> None:
    with pytest.raises(Unavailable):
        objects.put("ab-1", b"x")
    with pytest.raises(Unavailable):
        objects.get("ab-1")
    with pytest.raises(Unavailable):
        list(objects.names(LATER))
