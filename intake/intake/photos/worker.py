"""`python -m intake.photos.worker`: a photo comes in on stdin, its picture alone goes out on stdout, as a new JPEG.

One process for one photo, and nothing it could do but that (`confinement`). Out: a line of JSON, then the JPEG. Where
that line says `refused`, there is none. Any other end than by 0 says that the photo could not be decoded, by
UNCONFINED that it was not tried.
"""

import io
import json
import math
import sys
from typing import Any

# All that Pillow would load when a photo asks for it: later nothing can be loaded.
from PIL import (
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from intake.photos.bounds import CPU_SECONDS, MAX_CLEAN, MAX_PIXELS, MEMORY, QUALITY, SIDE, UNCONFINED
from intake.photos.confinement import confine

_FORMATS = (
    JpegImagePlugin.JpegImageFile.format,
    PngImagePlugin.PngImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
)
_ALSO_LOADED = (MpoImagePlugin, TiffImagePlugin)  # a JPEG of several pictures; Exif
_GPS, _NORTH, _NORTH_DEGREES, _EAST, _EAST_DEGREES = 0x8825, 1, 2, 3, 4


def main() -> None:
    """Confine this process first; only then look at the photo."""
    Image.preinit()
    Image.MAX_IMAGE_PIXELS = None  # judged below, by our own number
    try:
        confine(memory=MEMORY, cpu_seconds=CPU_SECONDS, written=MAX_CLEAN)
    except (OSError, KeyError) as failed:
        print(f"not confined: {failed!r}", file=sys.stderr)
        sys.exit(UNCONFINED)
    said, clean = picture(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + clean)
    sys.stdout.buffer.flush()


def picture(photo: bytes) -> tuple[dict[str, Any], bytes]:
    """What a photo shows, as a JPEG that holds nothing else, and where it was taken, if it says so.

    Raises whatever Pillow raises for what is broken.
    """
    image: Image.Image = Image.open(io.BytesIO(photo), formats=_FORMATS)
    if image.width * image.height > MAX_PIXELS:
        return {"refused": "pixels"}, b""
    profile = image.info.get("icc_profile")
    image.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded at a half, a quarter or an eighth where that is enough
    image.load()  # of what is animated the first picture; then its metadata is read whole
    taken_at = _taken_at(image.getexif())
    image = _eight_bits(image)
    image.thumbnail((SIDE, SIDE))
    image = _in_srgb(ImageOps.exif_transpose(image), profile)
    clean = Image.new("RGB", image.size)
    clean.paste(image)  # the pixels and nothing of what comes with them
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=QUALITY, optimize=True)
    return {"width": clean.width, "height": clean.height, "taken_at": taken_at}, written.getvalue()


def _eight_bits(image: Image.Image) -> Image.Image:
    """In colours that can be scaled: no palette, and a byte a channel."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value / 256, "F" if image.mode == "I" else None).convert("L")
    if image.mode in ("P", "PA", "LA") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L") if image.mode == "1" else image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In the colours screens show, on white where it is transparent."""
    if image.mode == "RGBA":
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        image = white
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return converted or image.convert("RGB")
        except (ImageCms.PyCMSError, OSError):
            pass  # a profile that is broken, or of other colours than the picture's, says nothing
    return image.convert("RGB")


def _taken_at(exif: Image.Exif) -> tuple[float, float] | None:
    """Longitude and latitude in degrees; None where the photo does not say, or says what no place has."""
    gps = exif.get_ifd(_GPS)
    try:
        east = _degrees(gps[_EAST_DEGREES], negative=gps[_EAST] == "W")
        north = _degrees(gps[_NORTH_DEGREES], negative=gps[_NORTH] == "S")
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return (east, north) if abs(east) <= 180 and abs(north) <= 90 else None


def _degrees(parts: Any, *, negative: bool) -> float:
    degrees, minutes, seconds = map(float, parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value):
        raise ValueError("no number")
    return -value if negative else value


if __name__ == "__main__":
    main()
