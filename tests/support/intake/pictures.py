"""Photos as phones, editors and attackers make them, and what a stored one may consist of."""

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image, ImageCms, PngImagePlugin

LONGITUDE, LATITUDE = 17.9213, 50.6751
SECRETS = (b"SM-G999-serial", b"jan.przyklad@example.org", b"ul. Ukryta 7", b"<x:xmpmeta", b"ICC_PROFILE", b"Exif")
"""What stands in the metadata of `telling` photos, in these bytes."""
_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><place>ul. Ukryta 7</place></x:xmpmeta>'
_OF_A_PICTURE = {0xD8, 0xE0, 0xDB, 0xC0, 0xC4, 0xDD, 0xDA}
"""Segments that any JPEG has: start, JFIF, tables, frame, scan. No APP1 and above, no comment."""


def drawing(mode: str = "RGB", size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Bright at the right, dark at the left, red at the top."""
    image = Image.linear_gradient("L").rotate(90).resize(size).convert("RGB")
    image.paste("red", (0, 0, size[0], size[1] // 8))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **more)
    return written.getvalue()


def exif(longitude: float = LONGITUDE, latitude: float = LATITUDE, **more: Any) -> Image.Exif:
    """What a phone writes: what it is, and where it was."""
    made = Image.Exif()
    made[0x0110], made[0x013B] = "SM-G999-serial", "jan.przyklad@example.org"
    gps = made.get_ifd(0x8825)
    gps[1], gps[2] = ("N" if latitude >= 0 else "S"), _parts(abs(latitude))
    gps[3], gps[4] = ("E" if longitude >= 0 else "W"), _parts(abs(longitude))
    for tag, value in more.items():
        made[int(tag.removeprefix("tag_"))] = value
    return made


def telling(kind: str = "JPEG", **more: Any) -> bytes:
    """A photo with everything that gives somebody away: Exif with GPS, XMP, a comment, a colour profile."""
    given: dict[str, Any] = {"exif": exif(), "icc_profile": display_profile(), "xmp": _XMP}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", "jan.przyklad@example.org")
        text.add_itxt("XML:com.adobe.xmp", _XMP.decode())
        given = {"exif": exif(), "icc_profile": display_profile(), "pnginfo": text}
    if kind == "JPEG":
        given["comment"] = b"jan.przyklad@example.org"
    return encoded(drawing(), kind, **(given | more))


def display_profile() -> bytes:
    """A colour profile that is not sRGB's."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB", 6500)).tobytes()


def swapped_profile() -> bytes:
    """The profile of a display whose red and blue are swapped: shown without it, a photo has the wrong colours."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    tags = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    profile[tags[b"rXYZ"] : tags[b"rXYZ"] + 4], profile[tags[b"bXYZ"] : tags[b"bXYZ"] + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


def bomb(side: int = 9000) -> bytes:
    """A PNG of some 10 kB that would be 81 million pixels."""
    return encoded(Image.new("1", (side, side)), "PNG")


def lying(width: int, height: int) -> bytes:
    """A PNG that says it is so large, and holds next to nothing."""
    small = bytearray(encoded(Image.new("L", (1, 1)), "PNG"))
    small[16:24] = struct.pack(">II", width, height)
    small[29:33] = struct.pack(">I", zlib.crc32(bytes(small[12:29])))
    return bytes(small)


def with_a_zip(photo: bytes) -> bytes:
    """A file that is a photo for one program and an archive for another."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    return photo + written.getvalue()


def segments(jpeg: bytes) -> set[int]:
    """The markers of a JPEG. Raises AssertionError where it is not one from the first to the last byte."""
    assert jpeg[:2] == b"\xff\xd8"
    assert jpeg[-2:] == b"\xff\xd9"
    at, found = 2, {0xD8}
    while True:
        marker = jpeg[at + 1]
        assert jpeg[at] == 0xFF, at
        found.add(marker)
        at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
        if marker == 0xDA:
            break
    # Inside of a scan 0xFF is followed by 0 alone, until its end.
    assert jpeg.index(b"\xff\xd9", at) == len(jpeg) - 2
    return found


def assert_clean(jpeg: bytes) -> Image.Image:
    """A JPEG that is a picture and nothing else; gives it decoded."""
    assert segments(jpeg) <= _OF_A_PICTURE, segments(jpeg)
    assert not [secret for secret in SECRETS if secret in jpeg]
    image = Image.open(io.BytesIO(jpeg))
    image.load()
    assert (image.format, image.mode) == ("JPEG", "RGB")
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not image.getexif()
    return image


def _parts(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return float(int(degrees)), float(int(minutes)), round(minutes % 1 * 60, 4)
