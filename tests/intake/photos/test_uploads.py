"""Sending photos: what is answered, what is limited, and what a store that is away costs."""

from collections.abc import Callable
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any
from uuid import uuid4

import pytest
from contracts.events.reports import ReportContent, ReportSubmitted
from starlette.testclient import TestClient
from support.intake import pictures
from support.intake.memory_log import SENDER, WORDS, MemoryLog, report

Kept = Callable[[], dict[str, bytes]]
Upload = Callable[..., Any]
PHOTO = pictures.telling()
HERE = {"longitude": pictures.LONGITUDE, "latitude": pictures.LATITUDE}
JSON = {"Content-Type": "application/json"}
LETTERS = ascii_uppercase + ascii_lowercase + digits + "-_"
"""Of base64 for addresses, by what each stands for."""


def send(client: TestClient, **more: Any) -> Any:
    return client.post("/v1/reports", content=report(**more), headers=JSON)


def test_a_photo_is_named_in_a_report_by_its_token(
    client: TestClient, upload: Upload, kept: Kept, log: MemoryLog
) -> None:
    tokens = [upload(PHOTO).json()["photo"] for _ in range(2)]
    answer = send(client, description=WORDS, photos=[tokens[1], tokens[0], tokens[1]])
    assert answer.status_code == 201, answer.text
    words, submitted = log.events
    assert isinstance(words, ReportContent)
    assert isinstance(submitted, ReportSubmitted)
    assert len(words.photos) == 2
    assert set(words.photos) == kept().keys()
    assert submitted.has_content
    other_bytes = [message.value or b"" for message in log.messages if message.topic != "kmzb.internal.content.v1"]
    assert not [name for name in words.photos for value in other_bytes if name.encode() in value]


def test_photos_alone_are_content(client: TestClient, upload: Upload, log: MemoryLog) -> None:
    send(client, photos=[upload(PHOTO).json()["photo"]])
    words, submitted = log.events
    assert isinstance(words, ReportContent)
    assert isinstance(submitted, ReportSubmitted)
    assert (words.description, len(words.photos), submitted.has_content) == (None, 1, True)


def test_a_token_that_is_none_is_refused_by_its_field(client: TestClient, upload: Upload, log: MemoryLog) -> None:
    token = upload(PHOTO).json()["photo"]
    other_spelling = token[:-1] + LETTERS[LETTERS.index(token[-1]) + 1]  # its last two bits say nothing
    other = token[:-1] + LETTERS[LETTERS.index(token[-1]) - 4]
    for wrong in (other_spelling, other, f"{token[:5]}!{token[5:-1]}", "A" * len(token), token[::-1]):
        answer = send(client, photos=[token, wrong])
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["field"] == "photos"
    assert log.messages == []


def test_a_repeat_under_its_key_is_one_photo_and_another_upload_another(upload: Upload, kept: Kept) -> None:
    key = str(uuid4())
    assert [upload(PHOTO, key=key).status_code for _ in range(2)] == [201, 201]
    assert len(kept()) == 1
    upload(PHOTO)
    assert len(kept()) == 2
    assert len(set(kept().values())) == 1


@pytest.mark.parametrize(
    ("photo", "metres"),
    [
        (PHOTO, 0),
        (pictures.encoded(pictures.drawing(), exif=pictures.exif(pictures.LONGITUDE + 0.1)), 7050),
        (pictures.encoded(pictures.drawing(), "WEBP", exif=pictures.exif(-21.0, -50.0)), 11_787_000),
        (pictures.encoded(pictures.drawing()), None),
        (pictures.encoded(pictures.drawing(), exif=pictures.exif(latitude=89.0 + 60)), None),
    ],
)
def test_who_sent_it_is_told_how_far_away_it_was_taken(photo: bytes, metres: int | None, upload: Upload) -> None:
    told = upload(photo, **HERE).json()["metres_from_place"]
    assert told == metres if not metres else abs(told - metres) < metres / 100
    assert upload(photo).json()["metres_from_place"] is None


@pytest.mark.parametrize("place", [{"longitude": 17.9}, {"latitude": 50.6}, {"longitude": 181, "latitude": 50}])
def test_a_place_that_is_none_is_refused_by_its_field(place: dict[str, float], upload: Upload, kept: Kept) -> None:
    answer = upload(PHOTO, **place)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in ("longitude", "latitude")
    assert kept() == {}


def test_a_sender_sends_only_so_many_and_refused_ones_count(serve: Callable[..., TestClient]) -> None:
    one, other = serve(photos_per_hour=2), serve("203.0.113.77", photos_per_hour=2)
    headers = {"Content-Type": "image/jpeg"}
    answers = [one.post("/v1/photos", content=photo, headers=headers) for photo in (PHOTO, b"no photo", PHOTO)]
    assert [answer.status_code for answer in answers] == [201, 415, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert other.post("/v1/photos", content=PHOTO, headers=headers).status_code == 201


def test_a_store_that_is_away_keeps_no_report_from_being_taken(
    client: TestClient, upload: Upload, tmp_path: Path, log: MemoryLog
) -> None:
    token = upload(PHOTO).json()["photo"]
    (tmp_path / "photos").rename(tmp_path / "elsewhere")
    (tmp_path / "photos").touch()  # a file where the folder was: nothing can be put there
    answer = upload(PHOTO)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "without photos" in answer.json()["detail"]
    assert send(client, photos=[token]).status_code == 201
    assert send(client, latitude=50.7).status_code == 201
    assert len([event for event in log.events if isinstance(event, ReportSubmitted)]) == 2


def test_what_was_not_their_fault_is_not_counted(serve: Callable[..., TestClient], tmp_path: Path) -> None:
    client, headers = serve(photos_per_hour=1), {"Content-Type": "image/jpeg"}
    (tmp_path / "photos").touch()
    assert client.post("/v1/photos", content=PHOTO, headers=headers).status_code == 503
    (tmp_path / "photos").unlink()
    assert client.post("/v1/photos", content=PHOTO, headers=headers).status_code == 201


def test_the_address_of_the_sender_is_not_in_the_name(upload: Upload, kept: Kept) -> None:
    upload(PHOTO)
    [name] = kept()
    assert SENDER not in name
    assert len(name) == 64 + 1 + 32
