"""Citizens' photos: who sees them, and when they are gone."""

import json
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from casework.photos import forget_erased, forget_unnamed, named_photos
from chassis.clock import now
from chassis.kafka.client import Publisher
from chassis.postgres import Database
from chassis.settings import Settings
from contracts import RELEASE
from contracts.envelope import tombstone
from contracts.events.reports import PHOTO_WAITS, ErasureRequested, FollowUpWords, ReportContent
from contracts.topics import CONTENT
from fastapi.testclient import TestClient
from objects.storage import Objects
from support.casework.officers import KATOWICE, Issuer
from support.casework.openings import routed, submitted, unroutable
from support.events import OPOLE, SUBMITTED, outgoing, received, received_tombstone, report_id

FIRST, SECOND, THIRD = "a1-first", "a2-second", "b1-third"
OFFICERS = {
    "coordinator of the unit": ("coordinator", OPOLE.unit, "OPO"),
    "beat officer of the unit": ("beat_officer", OPOLE.unit, "OPO"),
    "coordinator of another unit": ("coordinator", KATOWICE.unit, "KAT"),
    "coordinator of the same code elsewhere": ("coordinator", OPOLE.unit, "KAT"),
    "garrison": ("garrison", None, "OPO"),
    "headquarters": ("headquarters", None, None),
}


@pytest.fixture
def with_photos(consume: Callable[..., None], photos: Objects) -> None:
    """Report 1 in Opole with two photos; 2 in Katowice with one."""
    for name in (FIRST, SECOND, THIRD):
        photos.put(name, b"\xff\xd8\xff" + name.encode())
    for number, owner, names in ((1, OPOLE, (FIRST, SECOND)), (2, KATOWICE, (THIRD,))):
        words = ReportContent(report_id=report_id(number), description="słowa", photos=names)
        consume(received(words), received(submitted(number)), received(routed(number, owner)))


def ask(
    client: TestClient, issuer: Issuer, photo: int | str, number: int = 1, who: str = "coordinator of the unit"
) -> Any:
    path = f"/v1/cases/{report_id(number)}/photos/{photo}"
    return client.get(path, headers=issuer.signed_in(*OFFICERS[who]))


def test_the_unit_sees_the_photos_and_nobody_else(client: TestClient, issuer: Issuer, with_photos: None) -> None:
    for who in OFFICERS:
        seen = who.endswith("of the unit")
        for photo, name in enumerate((FIRST, SECOND), 1):
            answer = ask(client, issuer, photo, who=who)
            assert answer.status_code == (200 if seen else 404), who
            assert (answer.content == b"\xff\xd8\xff" + name.encode()) == seen
    assert client.get(f"/v1/cases/{report_id(1)}/photos/1").status_code == 401


def test_that_a_photo_is_seen_is_recorded(
    client: TestClient, issuer: Issuer, service: Database, with_photos: None
) -> None:
    ask(client, issuer, 2)
    ask(client, issuer, 2, who="coordinator of another unit")
    ask(client, issuer, 3)
    with service.transaction() as connection:
        rows = connection.execute("select record from audit.entry order by chain, number").fetchall()
    [record] = [json.loads(row["record"]) for row in rows]
    assert record["what"] == "photo"
    assert record["report_id"] == str(report_id(1))
    assert record["detail"] == {"number": 2}


def test_a_photo_is_answered_as_a_picture_and_kept_by_nobody(
    client: TestClient, issuer: Issuer, with_photos: None
) -> None:
    headers = ask(client, issuer, 1).headers
    assert headers["content-type"] == "image/jpeg"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]


@pytest.mark.parametrize(("photo", "status"), [(3, 404), (0, 422), (-1, 422), (11, 422), ("x", 422), ("1%2F..", 404)])
def test_a_photo_that_is_none(
    photo: int | str, status: int, client: TestClient, issuer: Issuer, with_photos: None
) -> None:
    answer = ask(client, issuer, photo)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_store_that_is_away_is_said_to_be(
    client: TestClient, issuer: Issuer, with_photos: None, tmp_path: Path
) -> None:
    place = next((tmp_path / "photos").glob(f"*/{FIRST}"))
    place.unlink()
    assert ask(client, issuer, 1).status_code == 404
    place.mkdir()  # can't be read as a file
    answer = ask(client, issuer, 1)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


def test_an_erasure_takes_the_photos_with_the_words(
    consume: Callable[..., None],
    service: Database,
    photos: Objects,
    client: TestClient,
    issuer: Issuer,
    with_photos: None,
) -> None:
    forget_erased(service, photos)
    assert photos.get(FIRST)
    consume(received(ErasureRequested(report_id=report_id(1), said_at=SUBMITTED)))
    assert ask(client, issuer, 1).status_code == 404
    forget_erased(service, photos)
    assert [photos.get(name) is not None for name in (FIRST, SECOND, THIRD)] == [False, False, True]
    # What is said a second time brings nothing back, and what comes late is erased, too.
    photos.put(FIRST, b"again")
    consume(received(ReportContent(report_id=report_id(1), description="słowa", photos=(FIRST,))))
    forget_erased(service, photos)
    assert photos.get(FIRST) is None


def test_a_tombstone_alone_does_it_too(
    consume: Callable[..., None], service: Database, photos: Objects, with_photos: None
) -> None:
    consume(received_tombstone(CONTENT, str(report_id(1))))
    forget_erased(service, photos)
    assert [photos.get(name) is not None for name in (FIRST, SECOND, THIRD)] == [False, False, True]


def test_a_photo_of_two_reports_stays_until_both_are_erased(
    consume: Callable[..., None], service: Database, photos: Objects, with_photos: None
) -> None:
    consume(received(ReportContent(report_id=report_id(3), photos=(SECOND, THIRD))))
    consume(received(ErasureRequested(report_id=report_id(1), said_at=SUBMITTED)))
    forget_erased(service, photos)
    assert [photos.get(name) is not None for name in (FIRST, SECOND, THIRD)] == [False, True, True]
    consume(received(ErasureRequested(report_id=report_id(3), said_at=SUBMITTED)))
    forget_erased(service, photos)
    assert [photos.get(name) is not None for name in (FIRST, SECOND, THIRD)] == [False, False, True]


def test_while_the_store_is_away_an_erasure_waits(
    consume: Callable[..., None], service: Database, photos: Objects, tmp_path: Path, with_photos: None
) -> None:
    consume(received(ErasureRequested(report_id=report_id(1), said_at=SUBMITTED)))
    place = next((tmp_path / "photos").glob(f"*/{FIRST}"))
    held = place.read_bytes()
    place.unlink()
    place.mkdir()  # can't be deleted as a file
    forget_erased(service, photos)
    place.rmdir()
    place.write_bytes(held)
    forget_erased(service, photos)
    assert (photos.get(FIRST), photos.get(SECOND)) == (None, None)


def test_what_no_report_on_the_log_names_is_gone_after_a_day(
    settings: Settings, topics: Callable[..., None], photos: Objects, tmp_path: Path
) -> None:
    """With casework's own tables empty, as after a loss: the log decides."""
    topics(CONTENT)
    age(tmp_path, photos, {"c1-named": 30, "c2-erased": 30, "c3-nobodys": 30, "c4-waiting": 23, "c5-replaced": 30})
    said = [
        ReportContent(report_id=report_id(1), photos=("c1-named",)),
        FollowUpWords(report_id=report_id(1), follow_up=report_id(7), text="Auta stoją tam znowu"),
        ReportContent(report_id=report_id(2), photos=("c2-erased",)),
        ReportContent(report_id=report_id(3), photos=("c5-replaced",)),
        ReportContent(report_id=report_id(3), description="bez zdjęć"),
    ]
    Publisher(settings, "test").publish([*map(outgoing, said), tombstone(CONTENT, str(report_id(2)))])
    forget_unnamed(settings, photos, threading.Event())
    assert kept(tmp_path) == {"c1-named", "c4-waiting"}
    assert timedelta(hours=24) == PHOTO_WAITS


def test_what_a_newer_writer_may_have_named_is_left(
    settings: Settings, topics: Callable[..., None], photos: Objects, tmp_path: Path
) -> None:
    topics(CONTENT)
    age(tmp_path, photos, {"c3-nobodys": 30})
    content = outgoing(ReportContent(report_id=report_id(1), photos=("c3-nobodys",)))
    said = (RELEASE.encode(), b"999.0.0"), (b"ReportContent", b"PhotosAdded")
    headers = [(name, reduce(lambda text, pair: text.replace(*pair), said, value)) for name, value in content.headers]
    Publisher(settings, "test").publish([replace(content, headers=headers)])
    forget_unnamed(settings, photos, threading.Event())
    assert kept(tmp_path) == {"c3-nobodys"}


def test_who_is_stopped_while_reading_deletes_nothing(settings: Settings, topics: Callable[..., None]) -> None:
    topics(CONTENT)
    stopped = threading.Event()
    stopped.set()
    assert named_photos(settings, stopped) is None


def test_headquarters_see_the_photos_of_the_cases_that_are_theirs(
    consume: Callable[..., None], photos: Objects, client: TestClient, issuer: Issuer
) -> None:
    photos.put(FIRST, b"\xff\xd8\xff")
    words = ReportContent(report_id=report_id(4), photos=(FIRST,))
    consume(received(words), received(submitted(4)), received(unroutable(4)))
    assert ask(client, issuer, 1, number=4, who="headquarters").status_code == 200
    assert ask(client, issuer, 1, number=4, who="garrison").status_code == 404


def age(tmp_path: Path, photos: Objects, hours: dict[str, int]) -> None:
    for name, old in hours.items():
        photos.put(name, b"x")
        put_at = (now() - timedelta(hours=old)).timestamp()
        os.utime(next((tmp_path / "photos").glob(f"*/{name}")), (put_at, put_at))


def kept(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "photos").glob("*/*")}
