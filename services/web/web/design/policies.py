"""What a page may do in a browser: run our own scripts and styles, reach the origins it was given, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a page needs beyond its own files.

    `map`: workers and pictures made in the page; `pictures`: those alone, as of photos that are not sent yet;
    `location`: the browser may be asked where it is; `ancestors`: the origins that may show the page in a frame.
    """

    map: bool = False
    pictures: bool = False
    location: bool = False
    ancestors: Sequence[str] = ()


PLAIN = Needs()


def page_headers(needs: Needs, connect: Sequence[str] = ()) -> dict[str, str]:
    """The headers of a page; it may speak to its own origin and to those of `connect`."""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": " ".join(["'self'", *connect]),
        "img-src": "'self' data: blob:" if needs.map or needs.pictures else "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": " ".join(needs.ancestors) or "'none'",
    }
    if needs.map:
        policy["worker-src"] = "'self' blob:"
    geolocation = "(self)" if needs.location else "()"
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Permissions-Policy": f"geolocation={geolocation}, camera=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def origin(url: str) -> str:
    """The origin of an address. Raises ValueError where it has none, or holds what would end a directive."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or set(parts.netloc) & set(" ;,'\"@*"):
        raise ValueError(f"{url!r} names no origin")
    return f"{parts.scheme}://{parts.netloc}"
