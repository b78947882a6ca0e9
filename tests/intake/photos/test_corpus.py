"""Whatever is sent as a photo is stored clean or refused clearly."""

import io
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from support.intake import pictures

Kept = Callable[[], dict[str, bytes]]
Upload = Callable[..., Any]
WHOLE = pictures.encoded(pictures.drawing(size=(640, 480)), quality=95)
FRAMES = [pictures.drawing().rotate(30 * turn) for turn in range(1, 6)]
STORED: dict[str, Callable[[], bytes]] = {
    "everything that gives somebody away": pictures.telling,
    "the same in a PNG": lambda: pictures.telling("PNG"),
    "the same in a WebP": lambda: pictures.telling("WEBP"),
    "a JPEG that is an archive, too": lambda: pictures.with_a_zip(pictures.telling()),
    "a JPEG that is a page, too": lambda: pictures.telling() + b"<html><script>alert(1)</script>",
    "a page in a comment": lambda: pictures.telling(comment=b"<html><script>alert(1)</script>"),
    "grey": lambda: pictures.encoded(pictures.drawing("L")),
    "of four inks": lambda: pictures.encoded(pictures.drawing("CMYK")),
    "of four inks, with another's profile": lambda: pictures.encoded(
        pictures.drawing("CMYK"), icc_profile=pictures.display_profile()
    ),
    "of sixteen bits": lambda: pictures.encoded(Image.new("I;16", (50, 40), 40_000), "PNG"),
    "of a palette": lambda: pictures.encoded(pictures.drawing().quantize(16), "PNG"),
    "of two colours": lambda: pictures.encoded(pictures.drawing("1"), "PNG"),
    "transparent": lambda: pictures.encoded(pictures.drawing("RGBA"), "PNG"),
    "grey and transparent": lambda: pictures.encoded(pictures.drawing("LA"), "PNG"),
    "progressive": lambda: pictures.encoded(pictures.drawing(), progressive=True),
    "an animated WebP": lambda: pictures.encoded(pictures.drawing(), "WEBP", save_all=True, append_images=FRAMES),
    "an animated PNG": lambda: pictures.encoded(pictures.drawing(), "PNG", save_all=True, append_images=FRAMES),
    "of two pictures": lambda: pictures.encoded(pictures.drawing(), "MPO", save_all=True, append_images=FRAMES[:1]),
    "one pixel": lambda: pictures.encoded(Image.new("RGB", (1, 1))),
    "a strip": lambda: pictures.encoded(Image.new("RGB", (65_000, 1))),
    "larger than is kept": lambda: pictures.encoded(pictures.drawing(size=(4000, 3000))),
    "a broken profile": lambda: pictures.telling(icc_profile=b"nonsense" * 40),
    "broken Exif": lambda: pictures.telling(exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(range(256))),
}
REFUSED: dict[str, tuple[int, Callable[[], bytes]]] = {
    "nothing": (415, lambda: b""),
    "a page": (415, lambda: b"<html><body>photo.jpg</body></html>"),
    "a page before a JPEG": (415, lambda: b"<html>" + WHOLE),
    "a GIF": (415, lambda: pictures.encoded(pictures.drawing(), "GIF")),
    "a TIFF": (415, lambda: pictures.encoded(pictures.drawing(), "TIFF")),
    "an SVG": (415, lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'),
    "an archive": (415, lambda: pictures.with_a_zip(b"")),
    "a RIFF that is a sound": (415, lambda: b"RIFF\x24\0\0\0WAVEfmt " + bytes(40)),
    "a first byte alone": (415, lambda: WHOLE[:2]),
    "a beginning alone": (422, lambda: WHOLE[:20]),
    "a JPEG broken off": (422, lambda: WHOLE[: len(WHOLE) // 2]),
    "a PNG broken off": (422, lambda: pictures.encoded(pictures.drawing(), "PNG")[:-60]),
    "a WebP broken off": (422, lambda: pictures.encoded(pictures.drawing(), "WEBP")[:-60]),
    "a bomb of 81 megapixels": (422, pictures.bomb),
    "a bomb that would be 4 gigapixels": (422, lambda: pictures.lying(65_500, 65_500)),
    "what says it is 39 megapixels, and holds one": (422, lambda: pictures.lying(6200, 6200)),
    "50 MB": (413, lambda: WHOLE + bytes(50_000_000)),
}


@pytest.mark.parametrize("name", STORED)
def test_a_photo_is_stored_as_a_picture_and_nothing_else(name: str, upload: Upload, kept: Kept) -> None:
    answer = upload(STORED[name]())
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    [jpeg] = kept().values()
    image = pictures.assert_clean(jpeg)
    assert image.size == (answer.json()["width"], answer.json()["height"])
    assert max(image.size) <= 2048


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_photo_is_refused_by_what_is_wrong(name: str, upload: Upload, kept: Kept) -> None:
    status, make = REFUSED[name]
    answer = upload(make())
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == "body"
    assert kept() == {}


@pytest.mark.parametrize("kind", ["image/png", "image/webp", "image/jpeg; charset=utf-8", "IMAGE/JPEG"])
def test_a_wrong_ending_is_no_reason_to_refuse(kind: str, upload: Upload) -> None:
    assert upload(WHOLE, kind).status_code == 201


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/octet-stream", "multipart/form-data", ""])
def test_a_body_that_says_it_is_no_photo_is_not_read(kind: str, upload: Upload, kept: Kept) -> None:
    answer = upload(WHOLE, kind)
    assert answer.status_code == 415
    assert answer.json()["errors"][0]["field"] == "Content-Type"
    assert kept() == {}


def test_colours_and_direction_are_as_the_photographer_saw_them(upload: Upload, kept: Kept) -> None:
    upright = pictures.drawing()
    turned = pictures.encoded(upright.rotate(90, expand=True), quality=95, exif=pictures.exif(tag_274=6))
    upload(turned)
    [jpeg] = kept().values()
    image = pictures.assert_clean(jpeg)
    assert image.size == upright.size
    assert near(image.getpixel((160, 5)), (255, 0, 0))
    assert near(image.getpixel((300, 200)), upright.getpixel((300, 200)))


def test_another_displays_colours_become_those_of_every_display(upload: Upload, kept: Kept) -> None:
    upload(pictures.encoded(Image.new("RGB", (64, 64), "red"), quality=95, icc_profile=pictures.swapped_profile()))
    [jpeg] = kept().values()
    assert near(pictures.assert_clean(jpeg).getpixel((30, 30)), (0, 0, 255))


def test_sixteen_bits_keep_their_brightness_and_transparency_is_white(upload: Upload, kept: Kept) -> None:
    upload(pictures.encoded(Image.new("I;16", (50, 40), 40_000), "PNG"))
    [grey] = kept().values()
    assert near(pictures.assert_clean(grey).getpixel((20, 20)), (156, 156, 156))
    upload(pictures.encoded(Image.new("RGBA", (50, 40), (0, 0, 0, 0)), "PNG"))
    assert any(near(pictures.assert_clean(jpeg).getpixel((20, 20)), (255, 255, 255)) for jpeg in kept().values())


@pytest.mark.long
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["JPEG", "PNG", "WEBP"]), hits=st.integers(1, 30))
def test_bytes_that_are_wrong_anywhere_harm_nobody(seed: int, kind: str, hits: int, upload: Upload, kept: Kept) -> None:
    chance, photo = random.Random(seed), bytearray(pictures.telling(kind))
    for _ in range(hits):
        photo[chance.randrange(12, len(photo))] = chance.randrange(256)
    answer = upload(bytes(photo), "image/png")
    assert answer.status_code in (201, 422), answer.text
    for jpeg in kept().values():
        pictures.assert_clean(jpeg)


def near(one: object, other: object) -> bool:
    assert isinstance(one, tuple)
    assert isinstance(other, tuple)
    return all(abs(a - b) <= 12 for a, b in zip(one, other, strict=True))


def test_the_files_of_this_test_are_what_they_say() -> None:
    photo = pictures.telling()
    assert [secret for secret in pictures.SECRETS if secret not in photo] == []
    assert len(pictures.bomb()) < 11_000
    assert Image.open(io.BytesIO(STORED["an animated WebP"]())).n_frames == 6  # type: ignore[attr-defined]
    assert Image.open(io.BytesIO(STORED["an animated PNG"]())).n_frames == 6  # type: ignore[attr-defined]
