"""A photo on its way into a report: what it is called in the store, and the token by which its sender names it."""

import base64
import binascii
import hashlib
import hmac
import math
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contracts.events.reports import PHOTO_WAITS

MOST = 3
"""Photos a report may have."""
TOKEN_LENGTH = 91
_PARTS = struct.Struct(">I32s16s")
_MAC_BYTES = 16
_EARTH_METRES = 6_371_000
_KINDS = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"))


class BadToken(Exception):
    """No token of ours; the text says what to do."""


@dataclass(frozen=True, slots=True)
class PhotoTokens:
    """Tokens under intake's secret: who has one was given it for the photo they sent, and can name that photo.

    A token holds when and under which name the photo was kept, with a MAC over both; nothing is stored for it. It opens
    no photo.
    """

    secret: bytes

    def name(self, photo: bytes, upload: bytes) -> str:
        """What a photo is called in the store: the SHA-256 of its bytes, and of which upload it is.

        `upload` is what tells one upload from another; the same one again gives the same name. No two senders share a
        name, so that one's erasure takes nothing from another, nor does anyone learn that a photo was there before.
        """
        content = hashlib.sha256(photo).digest()
        return f"{content.hex()}-{self._mac(b'upload', upload, content).hex()}"

    def token(self, name: str, at: datetime) -> str:
        """The token of a photo that was kept under a name at an instant."""
        content, upload = map(bytes.fromhex, name.split("-"))
        return self._written(_PARTS.pack(int(at.timestamp()), content, upload))

    def named(self, token: str, at: datetime) -> str:
        """The name a token stands for. Raises BadToken for one that is not ours, or too old at an instant."""
        try:
            raw = base64.urlsafe_b64decode(token + "=")
        except (binascii.Error, ValueError):
            raw = b""
        parts = raw[: _PARTS.size]
        # In its one spelling: base64 is read with anything between its letters, and with two bits more than it has.
        if len(parts) != _PARTS.size or not hmac.compare_digest(token, self._written(parts)):
            raise BadToken("no token of a photo; send what POST /v1/photos answered, unchanged")
        since, content, upload = _PARTS.unpack(parts)
        if at - datetime.fromtimestamp(since, UTC) > PHOTO_WAITS:
            raise BadToken(f"older than {PHOTO_WAITS // timedelta(hours=1)} hours, so the photo is gone; send it again")
        return f"{content.hex()}-{upload.hex()}"

    def _written(self, parts: bytes) -> str:
        return base64.urlsafe_b64encode(parts + self._mac(b"photo", parts)).rstrip(b"=").decode()

    def _mac(self, *parts: bytes) -> bytes:
        # The first is a word, and of the others only one has no fixed length: no two lists make the same message.
        return hmac.digest(self.secret, b"\0".join(parts), "sha256")[:_MAC_BYTES]


def kind_of(photo: bytes) -> str | None:
    """JPEG, PNG or WebP, as its first bytes say; None for anything else, whatever it is called."""
    for magic, kind in _KINDS:
        if photo.startswith(magic):
            return kind
    return "WebP" if photo[:4] == b"RIFF" and photo[8:12] == b"WEBP" else None


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres from one place to another, each longitude and latitude in degrees, on a sphere."""
    (east, north), (to_east, to_north) = ((math.radians(x), math.radians(y)) for x, y in (one, other))
    half = math.sin((to_north - north) / 2) ** 2
    half += math.cos(north) * math.cos(to_north) * math.sin((to_east - east) / 2) ** 2
    return 2 * _EARTH_METRES * math.asin(min(1.0, math.sqrt(half)))
